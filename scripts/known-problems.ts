import { playbookTests as playbook, type TestOf } from "./test-of.ts";

/** Something that users of other collectors of this feed have reported, and what is done about it here. */
export interface KnownProblem {
  readonly met: string;
  /** Who has met it: a name and an address. */
  readonly by: readonly (readonly [name: string, address: string])[];
  readonly here: string;
  readonly shownBy: readonly TestOf[];
}

const issue = (name: string, path: string) => [name, `https://github.com/${path}`] as const;
const microsofts = issue(
  "Get-O365Data",
  "Azure/Azure-Sentinel/tree/388342538c1e1605295027cfc5c93142dad1a57e/Playbooks/Get-O365Data",
);

/** What has gone wrong with other collectors of the Management Activity API. */
export const knownProblems: readonly KnownProblem[] = [
  {
    met: "Each poll looks back for a fixed time, or from when the newest row arrived: what is listed later is missed.",
    by: [microsofts, issue("CoE Starter Kit", "microsoft/coe-starter-kit/issues/9190")],
    here: "A checkpoint by the feed's own times, two hours of overlap, a look over all seven days twice a day.",
    shownBy: [
      [playbook(""), "lists two hours of overlap, so that a late blob is found"],
      [
        playbook(""),
        "finds a blob that is listed two days late by a sweep, and sweeps twice a day",
      ],
    ],
  },
  {
    met: "After an outage only the last day is collected, though the feed keeps seven.",
    by: [microsofts],
    here: "All that the feed still has, oldest first.",
    shownBy: [
      [playbook(""), "lists oldest first, in windows of at most 24 hours, up to 167 h 55 min back"],
    ],
  },
  {
    met: "At the edge of the seven days the feed refuses the whole listing with AF20055.",
    by: [
      issue("Elastic", "elastic/integrations/pull/8402"),
      issue("Elastic", "elastic/integrations/pull/14567"),
    ],
    here: "Listings begin four minutes inside; one that is refused after all is listed again from later on.",
    shownBy: [
      [
        playbook("-under-faults"),
        "lists the edge of the seven days again that the feed refused after some tries",
      ],
    ],
  },
  {
    met: "Further pages of a listing are not fetched.",
    by: [issue("UTMStack", "utmstack/UTMStack/issues/2436")],
    here: "Pages are followed to the end, of any size, and a circle is told.",
    shownBy: [
      [playbook(""), "follows the pages of a listing to the end"],
      [
        playbook("-under-faults"),
        "leaves a window whose pages lead round in a circle, and goes on",
      ],
    ],
  },
  {
    met: "The same record is stored several times.",
    by: [
      issue("Elastic", "elastic/beats/issues/34304"),
      issue("o365beat", "counteractive/o365beat/issues/47"),
    ],
    here: "What was collected is remembered for each blob, runs do not overlap, and the functions show each record once.",
    shownBy: [
      [playbook(""), "collects a blob once, however often it is listed"],
      ["test/content/functions.test.ts", "shows each record once"],
    ],
  },
  {
    met: "Starting the subscription at each poll is throttled.",
    by: [
      issue("Elastic", "elastic/integrations/pull/15476"),
      issue("Data Prepper", "opensearch-project/data-prepper/pull/6231"),
    ],
    here: "Only one that is off is started, and not twice in 20 minutes.",
    shownBy: [[playbook(""), "but not more than once in 20 minutes"]],
  },
  {
    met: "A subscription is off, and nobody notices or starts it.",
    by: [
      issue("CoE Starter Kit", "microsoft/coe-starter-kit/issues/9110"),
      issue("Wazuh", "wazuh/wazuh/issues/29674"),
    ],
    here: "It is started again, and the time in which it was off is told as a gap.",
    shownBy: [
      [playbook(""), "and starts it, says so, and collects"],
      [playbook("-ledger"), "tells from when to when the subscription was off"],
    ],
  },
  {
    met: "A blob that has expired is listed and stops the collector.",
    by: [issue("Elastic", "elastic/integrations/pull/9477")],
    here: "The others are collected, and after four runs it is told as a gap with its id.",
    shownBy: [
      [
        playbook("-ledger"),
        "gives a blob up in the fourth run that cannot fetch it, goes on, and collects it when it comes back",
      ],
    ],
  },
  {
    met: "An answer over the client's own limit of size is dropped.",
    by: [
      issue(
        "Wazuh",
        "wazuh/wazuh/blob/f83861461173de20da5e569229113687a495ffce/src/wazuh_modules/src/wm_office365.c",
      ),
    ],
    here: "Answers of up to 100 MB are taken; a larger one is told as a gap with its id.",
    shownBy: [[playbook("-ledger"), "tells a blob of more than 100 MB, and goes on"]],
  },
  {
    met: "Catching up waits between windows and never gets there.",
    by: [issue("Elastic", "elastic/integrations/pull/14609")],
    here: "As fast as the API's quota allows.",
    shownBy: [
      [
        playbook("-rounds"),
        "go at a pace that grows while all is answered, and leave nothing between them",
      ],
    ],
  },
  {
    met: "Calls without a publisher share one quota with all others of that kind.",
    by: [
      microsofts,
      [
        "Microsoft",
        "https://learn.microsoft.com/en-us/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api",
      ],
    ],
    here: "Every call names the publisher, blobs and further pages too.",
    shownBy: [[playbook(""), "sends PublisherIdentifier once with every call to the feed"]],
  },
  {
    met: "The collector is healthy and no data comes.",
    by: [issue("Elastic", "elastic/integrations/pull/14730")],
    here: "Silence of more than twelve hours is told as a gap.",
    shownBy: [
      [playbook("-rules"), "in pieces that follow each other, from the last content to the next"],
    ],
  },
  {
    met: "Secrets and tokens stand in traces of requests.",
    by: [issue("Elastic", "elastic/integrations/pull/20104")],
    here: "None in the run history, not even where the feed repeats what it was sent.",
    shownBy: [
      [playbook(""), "shows no secret, token or record in the run history"],
      [playbook("-under-faults"), "and shows no token that an error of %s repeats"],
    ],
  },
];
