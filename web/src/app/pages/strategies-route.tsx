import { StrategyList } from "@/features/strategies/components/strategy-list";

export function StrategiesRoute() {
  return <StrategyList />;
}
