import { ProviderUnavailableError } from "../../domain/provider-errors.ts";

/** The provider accepted an activity, and did not do it, or not all of it. A person may have cancelled it. */
export class NotCompletedError extends ProviderUnavailableError {
  constructor(state: string) {
    super("POST /activities", 1, `an activity that ended as "${state}"`, {
      mayBeRows: state !== "cancelled",
    });
  }
}
