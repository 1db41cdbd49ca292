import { Link } from "@tanstack/react-router";
import { buttonClass } from "@/components/ui/button";
import { Door } from "@/features/session/components/door";

export function NotFound() {
  return (
    <Door title="No such page">
      <p>The address leads nowhere. It may come from another version of the desk.</p>
      <Link to="/" search={{}} className={buttonClass("primary", "lg")}>
        Open the desk
      </Link>
    </Door>
  );
}
