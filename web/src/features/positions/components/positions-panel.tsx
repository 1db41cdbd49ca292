// Open positions: what is open, at what risk, and closing it. On a phone the same rows become cards.
import { useQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { useState } from "react";
import { positionsQuery } from "../api/positions";
import { ClearSheet } from "./clear-sheet";
import { CloseSheet } from "./close-sheet";
import { NextTarget, nextWords } from "./targets";
import { Side } from "@/components/decision/side";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState, Panel, PanelBody } from "@/components/ui/panel";
import { SignedMoney } from "@/components/ui/signed";
import { TimeText } from "@/components/ui/time-text";
import type { LostPosition, Position } from "@/lib/api/types";
import { decimalsOf } from "@/lib/format/decimals";
import { formatMoney, formatPrice, formatShort, MISSING } from "@/lib/format/number";

interface PositionsPanelProps {
  onOpenHistory: (seq: number) => void;
  onSelectSymbol: (symbol: string) => void;
  className?: string;
}

export function PositionsPanel({ onOpenHistory, onSelectSymbol, className }: PositionsPanelProps) {
  const positions = useQuery(positionsQuery);
  const [closingTicket, setClosingTicket] = useState<number | null>(null);
  const [clearing, setClearing] = useState<LostPosition | null>(null);
  const items = positions.data?.positions ?? [];
  const closing = items.find((position) => position.ticket === closingTicket) ?? null;
  const currency = positions.data?.currency ?? "";
  return (
    <Panel id="positions" title="Open positions" count={items.length} className={className ?? ""} aside={positions.data && <span className="text-2xs text-ink-3">times UTC · money {currency}</span>}>
      <PanelBody
        query={positions}
        what="the open positions"
        isEmpty={(answer) => answer.positions.length === 0 && answer.lost.length === 0}
        empty={
          <EmptyState icon={<Layers />} title="Nothing is open">
            A filled order appears here with its stop, its target and what it risks. Approve an idea, or let the desk trade in autonomous mode.
          </EmptyState>
        }
      >
        {(answer) => (
          <div className="min-h-0 flex-1 overflow-auto">
            {answer.lost.map((lost) => (
              <p key={lost.ticket} role="alert" className="flex items-center gap-3 border-b border-line bg-needs-soft px-4 py-2 text-xs">
                <span className="min-w-0 flex-1">
                  {lost.symbol} <Side side={lost.side} className="text-xs" /> <span className="num">{lost.lots}</span> is in the book and not at the broker. Nothing is opened until its deals are booked, or a person clears it.
                </span>
                <Button size="sm" onClick={() => setClearing(lost)} aria-label={`Clear ${lost.symbol}…`}>
                  Clear…
                </Button>
              </p>
            ))}
            <table className="w-full text-sm max-md:hidden">
              <thead className="sticky top-0 bg-surface-1">
                <tr className="text-2xs text-ink-3 [&>th]:border-b [&>th]:border-line [&>th]:px-2 [&>th]:py-1.5 [&>th]:text-right [&>th]:font-medium">
                  <th scope="col" className="text-left! pl-4!">Symbol</th>
                  <th scope="col">Lots</th>
                  <th scope="col">Open</th>
                  <th scope="col">Now</th>
                  <th scope="col">Stop loss</th>
                  <th scope="col">Target</th>
                  <th scope="col">Risk</th>
                  <th scope="col">Profit</th>
                  <th scope="col">R</th>
                  <th scope="col" className="text-left!">Next</th>
                  <th scope="col" className="text-left!">Opened</th>
                  <th scope="col" className="pr-4!"><span className="sr-only">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                {answer.positions.map((position) => (
                  <Row
                    key={position.ticket}
                    position={position}
                    onClose={() => setClosingTicket(position.ticket)}
                    onOpenHistory={onOpenHistory}
                    onSelectSymbol={onSelectSymbol}
                  />
                ))}
              </tbody>
            </table>
            <ul className="md:hidden">
              {answer.positions.map((position) => (
                <Card key={position.ticket} position={position} currency={currency} onClose={() => setClosingTicket(position.ticket)} />
              ))}
            </ul>
          </div>
        )}
      </PanelBody>
      {clearing && <ClearSheet lost={clearing} onClose={() => setClearing(null)} onOpenHistory={onOpenHistory} />}
      {closing && <CloseSheet position={closing} currency={currency} onClose={() => setClosingTicket(null)} onOpenHistory={onOpenHistory} />}
    </Panel>
  );
}

function lotsOf(position: Position): string {
  return formatPrice(position.lots, decimalsOf(position.volume_step ?? position.lots));
}

interface RowProps {
  position: Position;
  onClose: () => void;
  onOpenHistory: (seq: number) => void;
  onSelectSymbol: (symbol: string) => void;
}

function Row({ position, onClose, onOpenHistory, onSelectSymbol }: RowProps) {
  return (
    <tr className="num h-9 border-b border-line/60 last:border-0 hover:bg-surface-2/60 [&>td]:px-2 [&>td]:text-right">
      <td className="text-left! pl-4!">
        <button type="button" onClick={() => onSelectSymbol(position.symbol)} title={position.strategy?.name ?? "Not opened by the desk: shown and counted, never touched"} className="inline-flex items-center gap-2 rounded-sm font-medium hover:underline">
          {position.symbol} <Side side={position.side} className="text-xs" />
          {!position.own && <Badge>foreign</Badge>}
        </button>
      </td>
      <td>{lotsOf(position)}</td>
      <td className="text-ink-2">{formatPrice(position.entry_price, position.digits)}</td>
      <td>{formatPrice(position.price, position.digits)}</td>
      <td className="text-ink-2">{position.stop_loss === null ? <span className="text-halt">none</span> : formatPrice(position.stop_loss, position.digits)}</td>
      <td className="text-ink-2"><NextTarget position={position} /></td>
      <td className="text-ink-2">{formatMoney(position.risk_now)}</td>
      <td className="font-medium"><SignedMoney value={position.profit} /></td>
      <td className="text-ink-2">{formatShort(position.profit_r, 2)}</td>
      <td className="text-left! max-w-40 truncate text-xs text-ink-2" title={nextWords(position)}>{nextWords(position)}</td>
      <td className="text-left! text-xs text-ink-3">
        {position.history_seq === null ? (
          <TimeText at={position.opened_at} />
        ) : (
          <button type="button" onClick={() => position.history_seq !== null && onOpenHistory(position.history_seq)} className="rounded-sm underline decoration-line-strong underline-offset-2 hover:text-ink">
            <TimeText at={position.opened_at} />
          </button>
        )}
      </td>
      <td className="pr-4!">
        <Button size="sm" onClick={onClose} aria-label={`Close ${position.symbol} ${position.lots} lots…`}>
          Close…
        </Button>
      </td>
    </tr>
  );
}

function Card({ position, currency, onClose }: { position: Position; currency: string; onClose: () => void }) {
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-3 last:border-0">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 font-semibold">
          {position.symbol} <Side side={position.side} className="text-xs" />
          <span className="num font-normal text-ink-2">{lotsOf(position)}</span>
        </p>
        <p className="num text-xs text-ink-3">
          SL {position.stop_loss === null ? "none" : formatPrice(position.stop_loss, position.digits)} · TP <NextTarget position={position} />
        </p>
        <p className="text-xs text-ink-3">{nextWords(position)}</p>
      </div>
      <div className="text-right">
        <SignedMoney value={position.profit} currency={currency} className="font-semibold" />
        <p className="num text-xs text-ink-3">{position.profit_r === null ? MISSING : `${formatShort(position.profit_r, 2)} R`}</p>
      </div>
      <Button size="lg" onClick={onClose} aria-label={`Close ${position.symbol}…`}>
        Close…
      </Button>
    </li>
  );
}
