import { Badge, type BadgeTone } from "@/components/ui/badge";
import type { Action } from "@/lib/api/types";
import { actionWords } from "@/lib/format/words";

const TONES: Partial<Record<Action, BadgeTone>> = {
  ai_proposed: "accent",
  ai_halted: "halt",
  emergency_flat: "halt",
  order_rejected: "halt",
  drift_detected: "halt",
  order_unknown: "needs",
};

/** An action of the history in words; only what is wrong or needs someone gets a colour. */
export function ActionBadge({ action }: { action: Action }) {
  return (
    <Badge tone={TONES[action] ?? "neutral"} title={action}>
      {actionWords(action)}
    </Badge>
  );
}
