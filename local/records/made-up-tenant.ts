import type { SeededRandom } from "./seeded-random.ts";

/** Somebody who shows up in audit records. */
export interface Person {
  readonly objectId: string;
  readonly name: string;
  readonly upn: string;
  /** The tenant that the account is at home in. */
  readonly tenantId: string;
}

export interface Channel {
  readonly name: string;
  readonly threadId: string;
  readonly type: "Standard" | "Private" | "Shared";
}

export interface Team {
  readonly name: string;
  readonly groupId: string;
  readonly threadId: string;
  readonly channels: readonly Channel[];
  readonly members: readonly Person[];
}

export interface Chat {
  readonly threadId: string;
  readonly type: "OneOnOne" | "GroupChat";
  readonly people: readonly Person[];
}

export interface App {
  readonly name: string;
  readonly addOnGuid: string;
  readonly entraAppId: string;
}

/** Who and what a generated day is about; every name and id is made up. */
export interface MadeUpTenant {
  readonly tenantId: string;
  readonly domain: string;
  /** One for each seat. */
  readonly people: readonly Person[];
  readonly admins: readonly Person[];
  /** Guests of the tenant, under its `#EXT#` names. */
  readonly guests: readonly Person[];
  /** People of other tenants who chat and meet with this one. */
  readonly foreigners: readonly Person[];
  readonly teams: readonly Team[];
  readonly internalChats: readonly Chat[];
  /** Chats with at least one guest or person of another tenant. */
  readonly externalChats: readonly Chat[];
  readonly apps: readonly App[];
}

const givenNames = [
  "Ana", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Grace", "Håkon", "Inês", "José", "Kiran",
  "Łucja", "Miłosz", "Noor", "Oğuz", "Priya", "Quentin", "Renée", "Søren", "Thomas", "Ülkü", "Věra",
  "Wei", "Ximena", "Yusuf", "Zoë", "美咲", "Анна",
]; // prettier-ignore
const familyNames = [
  "Almeida", "Bergström", "Çelik", "D'Angelo", "Eriksen", "Farkas", "García", "Hansen", "Ivanova",
  "Jørgensen", "Kowalczyk", "Lefèvre", "Müller", "Nowak", "O'Brien", "Petrov", "Rossi", "Schmidt",
  "Tanaka", "Usman", "van der Berg", "Weiß", "Xu", "Yılmaz", "Žižka", "佐藤",
]; // prettier-ignore
const subjects = [
  "Finance", "Vertrieb", "Forschung & Entwicklung", "Human Resources", "Service \"Nord\"", "Ventas",
  "Qualité", "経理", "Werk 2 – Schicht", "IT Support", "Legal\\Compliance", "Marketing",
]; // prettier-ignore
const occasions = [
  "",
  " 2026",
  " – project",
  " 🚀",
  " (archive)",
  " / extern",
  " 👩‍💻 guild",
  " all hands",
];
const appNames = [
  "Polls",
  "Whiteboard",
  "Tasks",
  "Zeiterfassung ⏱",
  "Ticket Bot",
  "Build Notifier",
];
const foreignDomains = [
  "fabrikam.example",
  "northwind.example",
  "tailspin.example",
  "例え.example",
];

/** Makes up a tenant of this many seats. */
export function makeUpTenant(
  seats: number,
  tenantId: string,
  domain: string,
  random: SeededRandom,
): MadeUpTenant {
  const people = times(seats, (index) => {
    const name = personName(random);
    return { objectId: random.guid(), name, upn: `${mailName(name, index)}@${domain}`, tenantId };
  });
  const foreignTenants = foreignDomains.map((home) => ({ domain: home, tenantId: random.guid() }));
  const foreigners = times(atLeast(4, seats / 20), (index) => {
    const home = random.pick(foreignTenants);
    const name = personName(random);
    const upn = `${mailName(name, index)}@${home.domain}`;
    return { objectId: random.guid(), name, upn, tenantId: home.tenantId };
  });
  const guests = foreigners.slice(0, atLeast(2, foreigners.length / 3)).map((person) => ({
    ...person,
    objectId: random.guid(),
    upn: `${person.upn.replace("@", "_")}#EXT#@${domain}`,
  }));
  const teams = times(atLeast(3, seats / 12), () => {
    const insiders = sample(people, random.whole(3, Math.min(60, people.length)), random);
    return {
      name: random.pick(subjects) + random.pick(occasions),
      groupId: random.guid(),
      threadId: `19:${random.hex(32)}@thread.tacv2`,
      channels: times(random.whole(1, 6), (index) => ({
        name: index === 0 ? "General" : random.pick(subjects),
        threadId: `19:${random.hex(32)}@thread.tacv2`,
        type: index < 3 ? ("Standard" as const) : random.pick(["Private", "Shared"] as const),
      })),
      members: random.chance(0.3) ? [...insiders, random.pick(guests)] : insiders,
    };
  });
  const chat = (others: readonly Person[], most: number): Chat => {
    const companions = sample(others, random.whole(1, most), random);
    const type = companions.length === 1 ? "OneOnOne" : "GroupChat";
    const suffix = type === "OneOnOne" ? "@unq.gbl.spaces" : "@thread.v2";
    const threadId = `19:${random.guid()}_${random.hex(32)}${suffix}`;
    return { threadId, type, people: [random.pick(people), ...companions] };
  };
  return {
    tenantId,
    domain,
    people,
    admins: people.slice(0, atLeast(2, seats / 200)),
    guests,
    foreigners,
    teams,
    internalChats: times(atLeast(5, seats / 2), () => chat(people, 6)),
    externalChats: times(atLeast(5, seats / 8), () => chat([...foreigners, ...guests], 3)),
    apps: appNames.map((name) => ({
      name,
      addOnGuid: random.guid(),
      entraAppId: random.guid(),
    })),
  };
}

/** `make` called this many times. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const atLeast = (least: number, wanted: number) => Math.max(least, Math.round(wanted));

const sample = <T>(items: readonly T[], count: number, random: SeededRandom): T[] =>
  times(count, () => random.pick(items));

const personName = (random: SeededRandom) =>
  `${random.pick(givenNames)} ${random.pick(familyNames)}`;

/** The ASCII letters of a name, and a number that keeps it unique. */
function mailName(name: string, index: number): string {
  const letters = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z ]/g, "");
  return [...letters.split(" ").filter(Boolean), String(index + 1)].join(".");
}
