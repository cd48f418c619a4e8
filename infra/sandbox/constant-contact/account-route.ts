import { jsonAnswer } from "../answer.ts";
import type { ConstantContactRoute } from "./constant-contact-route.ts";

/** Whose account it is: another scope than that of contacts is needed to read it. */
export const accountRoute: ConstantContactRoute = {
  method: "GET",
  template: "/account/summary",
  scope: "account_read",
  answer: () =>
    jsonAnswer({
      contact_email: "owner@example.fr",
      country_code: "FR",
      encoded_account_id: "p07esandbox",
      first_name: "Olga",
      last_name: "Owner",
      organization_name: "Le Journal",
      time_zone_id: "Europe/Paris",
    }),
};
