import { clientAddress } from "./client-address.ts";
import { times } from "./made-up-tenant.ts";
import type { Chat, MadeUpTenant, Person, Team } from "./made-up-tenant.ts";
import type { Meeting, RecordContext, RecordFields, RecordKind } from "./record-kind.ts";
import { zoneless } from "./record-kind.ts";
import type { SeededRandom } from "./seeded-random.ts";

const TEAMS = 25;
const TEAMS_ADMIN = 57;
const SHIFTS = 73;
const SENSITIVITY_LABEL = 206;
const UPDATES = 230;
const USER_CONCERN = 462;

/** 1 member, 2 owner, 3 guest, as in samples; the documents disagree on these numbers. */
const MEMBER = 1;
const OWNER = 2;
const GUEST = 3;

const MINUTE_MS = 60_000;

/**
 * The operations of Microsoft Teams in a generated day, with the properties that the schema lists
 * (https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema)
 * and those seen in samples
 * (https://github.com/elastic/integrations/blob/48386936854cd08e3b946eb01af89389e5174ded/packages/o365/data_stream/audit/_dev/test/pipeline/test-ms-teams-events.json).
 */
export const teamsRecords: readonly RecordKind[] = [
  teams("TeamsSessionStarted", 1700, "morning", (context) => ({
    ...clientAddress(context.random),
    ObjectId: "Unknown (Unknown)",
    ...client(context.random),
  })),

  teams("MessageSent", 800, "office", (context) => messageInChat(context, externalChat(context))),
  teams("MessageCreatedHasLink", 850, "office", (context) => ({
    ...(context.random.chance(0.6)
      ? messageInChat(context, anyChat(context))
      : messageInChannel(context)),
    MessageURLs: messageUrls(context),
  })),
  teams("MessageEditedHasLink", 40, "office", (context) => ({
    ...messageInChat(context, anyChat(context)),
    MessageURLs: messageUrls(context),
  })),
  teams("MessageDeleted", 150, "office", (context) => messageInChannel(context)),
  teams("MessageUpdated", 120, "office", (context) => messageInChat(context, anyChat(context))),
  teams("ReactedToMessage", 500, "office", (context) => ({
    ...messageInChat(context, anyChat(context)),
    MessageReactionType: context.random.pick(["like", "heart", "👀", "🎉"]),
  })),

  teams("MessageRead", 100, "all day", (context) => ({
    ...byGraph(context),
    Messages: [messageReference(context)],
  })),
  teams("MessagesListed", 110, "all day", (context) => ({
    ...byGraph(context),
    Messages: times(context.random.whole(1, 8), () => messageReference(context)),
  })),
  teams("MessagesExported", 6, "all day", (context) => ({
    ...byGraph(context),
    Messages: times(context.random.whole(40, 130), () => messageReference(context)),
  })),
  teams("MessageHostedContentRead", 20, "all day", (context) => ({
    ...byGraph(context),
    HostedContents: [
      { Id: context.random.hex(40), SizeInBytes: context.random.whole(900, 3_000_000) },
    ],
  })),
  teams("SubscribedToMessages", 6, "all day", (context) => ({
    ...byGraph(context),
    SubscriptionId: context.random.guid(),
  })),
  teams("MessageCreatedNotification", 90, "all day", (context) => ({
    ...byGraph(context),
    SubscriptionId: context.random.guid(),
    Messages: [messageReference(context)],
  })),

  teams("ChatCreated", 230, "office", (context) => {
    const chat = anyChat(context);
    return { ...inChat(context, chat), Members: chat.people.map((who) => member(context, who)) };
  }),
  teams("ChatUpdated", 50, "office", (context) => inChat(context, anyChat(context))),
  teams("ChatRetrieved", 100, "all day", (context) => ({
    ...byGraph(context),
    ...inChat(context, anyChat(context)),
  })),

  teams("MeetingDetail", 220, "office", (context) => {
    const meeting = holdMeeting(context);
    return {
      UserId: meeting.organizer.upn,
      UserKey: meeting.organizer.objectId,
      CommunicationType: context.random.pick(["ScheduledMeeting", "AdHocMeeting"]),
      ChatThreadId: meeting.threadId,
      Id: meeting.detailId,
      StartTime: zoneless(meeting.startMs),
      EndTime: zoneless(meeting.endMs),
      JoinURL: `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(meeting.threadId)}/0`,
      Modalities: context.random.chance(0.5) ? ["Audio"] : ["Audio", "Video", "ScreenSharing"],
      Organizer: attendee(meeting.organizer),
    };
  }),
  teams("MeetingParticipantDetail", 1250, "office", (context) => {
    const meeting = context.meetings.length > 0 ? recentMeeting(context) : holdMeeting(context);
    const who = participant(context);
    return {
      ...clientAddress(context.random),
      UserId: who?.upn ?? "Anonymous",
      MeetingDetailId: meeting.detailId,
      ChatThreadId: meeting.threadId,
      Attendees: [who ? attendee(who) : { DisplayName: "Gast (ext.)", RecipientType: "Anonymous" }],
      JoinTime: zoneless(meeting.startMs + context.random.whole(0, 9) * MINUTE_MS),
      LeaveTime: zoneless(meeting.endMs - context.random.whole(0, 5) * MINUTE_MS),
      ...client(context.random),
    };
  }),
  teams("CallParticipantDetail", 180, "office", (context) => ({
    ...clientAddress(context.random),
    CallId: context.random.guid(),
    Attendees: [attendee(context.actor), attendee(context.random.pick(context.tenant.foreigners))],
    JoinTime: zoneless(context.at.getTime() - context.random.whole(1, 40) * MINUTE_MS),
    LeaveTime: zoneless(context.at.getTime()),
  })),

  teams("TeamCreated", 5, "office", (context) => ofTeam(context.random.pick(context.tenant.teams))),
  teams("TeamCreated", 2, "all day", (context) => ({
    UserId: "Application",
    UserKey: "",
    UserType: 5,
    ...ofTeam(context.random.pick(context.tenant.teams)),
  })),
  teams("TeamDeleted", 3, "office", (context) => ofTeam(context.random.pick(context.tenant.teams))),
  teams("TeamSettingChanged", 22, "office", (context) => ({
    ...ofTeam(context.random.pick(context.tenant.teams)),
    ...context.random.pick([
      { Name: "Team access type", OldValue: "Private", NewValue: "Public" },
      { Name: "Team classification", OldValue: "", NewValue: "Vertraulich" },
      { Name: "Team description", OldValue: "old", NewValue: 'new "and" better\nwith two lines' },
      { Name: "Allow Giphy", OldValue: "True", NewValue: "False" },
    ]),
  })),
  teams("ChannelAdded", 25, "office", (context) => inChannel(context)),
  teams("ChannelDeleted", 5, "office", (context) => inChannel(context)),
  teams("ChannelSettingChanged", 10, "office", (context) => ({
    ...inChannel(context),
    Name: "Channel name",
    OldValue: "General",
    NewValue: "Allgemein ✅",
  })),

  teams("MemberAdded", 110, "office", (context) => {
    const team = context.random.pick(context.tenant.teams);
    return { ...ofTeam(team), ItemName: team.name, Members: someMembers(context, team, 4) };
  }),
  teams("MemberAdded", 7, "office", (context) => {
    const team = context.random.pick(context.tenant.teams);
    const all = times(context.random.whole(80, 380), () => context.random.pick(allPeople(context)));
    const Members = all.map((who) => member(context, who));
    return { ...ofTeam(team), ItemName: team.name, Members };
  }),
  teams("MemberAdded", 40, "office", (context) => {
    const chat = externalChat(context);
    const Members = [member(context, context.random.pick(chat.people))];
    return { ...inChat(context, chat), TeamName: "", Members };
  }),
  teams("MemberRemoved", 45, "office", (context) => {
    const team = context.random.pick(context.tenant.teams);
    return { ...ofTeam(team), Members: someMembers(context, team, 2) };
  }),
  teams("MemberRoleChanged", 18, "office", (context) => {
    const team = context.random.pick(context.tenant.teams);
    const { UPN, DisplayName } = member(context, context.random.pick(team.members));
    return { ...ofTeam(team), Members: [{ DisplayName, Role: OWNER, UPN }] };
  }),

  teams("TabAdded", 30, "office", (context) => ({ ...inChannel(context), ...addOn(context, 3) })),
  teams("TabUpdated", 12, "office", (context) => ({ ...inChannel(context), ...addOn(context, 3) })),
  teams("TabRemoved", 8, "office", (context) => ({ ...inChannel(context), ...addOn(context, 3) })),
  teams("ConnectorAdded", 3, "office", (context) => ({
    ...inChannel(context),
    ...addOn(context, 2),
  })),
  teams("BotAddedToTeam", 4, "office", (context) => ({
    ...ofTeam(context.random.pick(context.tenant.teams)),
    ...addOn(context, 1),
  })),
  teams("BotRemovedFromTeam", 2, "office", (context) => ({
    ...ofTeam(context.random.pick(context.tenant.teams)),
    ...addOn(context, 1),
  })),
  teams("AppInstalled", 85, "office", (context) => appInstalled(context)),
  teams("AppUninstalled", 18, "office", (context) => appInstalled(context)),
  teams("AppUpgraded", 14, "all day", (context) => appInstalled(context)),
  teams("AppPublishedToCatalog", 1, "office", (context) => appInstalled(context)),
  teams("PerformedCardAction", 75, "office", (context) => ({
    ...inChat(context, context.random.pick(context.tenant.internalChats)),
    ...addOn(context, 1),
  })),

  teams("TeamsTenantSettingChanged", 3, "office", (context) => ({
    ...byAdmin(context),
    Name: "Allow sideloading and interaction of custom apps",
    OldValue: "False",
    NewValue: "True",
  })),
  teams("InviteSent", 4, "office", (context) => ({
    ...inChannel(context),
    Action: "SendInvite",
    Invitee: context.random.pick(context.tenant.foreigners).upn,
  })),
  teams("InviteeResponded", 3, "office", (context) => ({
    ...inChannel(context),
    Action: "Accept",
    Invitee: context.random.pick(context.tenant.foreigners).upn,
  })),

  {
    ...teams("TeamsAdminAction", 3, "office", (context) => ({
      ...byAdmin(context),
      AdminActionDetail: "Update TenantFederationSettings",
      ModifiedProperties: [
        { Name: "BlockedDomains", OldValue: "[]", NewValue: '["fabrikam.example"]' },
      ],
      ExtraProperties: [{ Key: "ClientAppId", Value: context.random.guid() }],
    })),
    recordType: TEAMS_ADMIN,
  },
  {
    ...teams("Set-CsTenantFederationConfiguration", 2, "office", (context) => ({
      ...byAdmin(context),
      ResultStatus: "True",
      Parameters: [
        { Name: "Identity", Value: "Global" },
        { Name: "AllowFederatedUsers", Value: "True" },
      ],
    })),
    recordType: TEAMS_ADMIN,
  },
  {
    ...teams("Grant-CsExternalAccessPolicy", 2, "office", (context) => ({
      ...byAdmin(context),
      ResultStatus: "Succeeded",
      Parameters: `-Identity "${context.actor.upn}" -PolicyName "NoFederationAndPIC"`,
    })),
    recordType: TEAMS_ADMIN,
  },
  ...["ClockedIn", "ClockedOut", "BreakStarted", "ShiftEdited", "OpenShiftAdded"].map(
    (operation) => ({
      ...teams(operation, 60, "all day", (context) => {
        const team = context.random.pick(context.tenant.teams);
        return { TeamName: team.name, TeamGuid: team.groupId, ScheduleId: `TEAM_${team.groupId}` };
      }),
      recordType: SHIFTS,
    }),
  ),
  {
    ...teams("SensitivityLabelApplied", 20, "office", (context) => ({
      SensitivityLabelId: context.random.guid(),
      ItemName: "Besprechung – Quartal",
    })),
    recordType: SENSITIVITY_LABEL,
  },
  {
    ...teams("ViewUpdate", 15, "office", () => ({ ObjectId: "Daily status" })),
    recordType: UPDATES,
  },
  {
    ...teams("MessageReported", 2, "office", (context) => ({
      SubmissionId: context.random.guid(),
      ReportMetadata: JSON.stringify({
        reason: "phish",
        chat: externalChat(context).threadId,
        note: 'he said "click here"',
      }),
    })),
    recordType: USER_CONCERN,
  },
];

function teams(
  operation: string,
  perThousandSeats: number,
  hours: RecordKind["hours"],
  fields: RecordKind["fields"],
): RecordKind {
  const workload = "MicrosoftTeams";
  return { operation, recordType: TEAMS, workload, perThousandSeats, hours, fields };
}

function client(random: SeededRandom): RecordFields {
  return {
    UserAgent: random.chance(0.7)
      ? "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Teams/24"
      : undefined,
    ExtraProperties: [
      { Key: "TimeZone", Value: "Europe/Berlin" },
      { Key: "OsName", Value: random.pick(["windows", "mac os", "ios", "android"]) },
      { Key: "ClientName", Value: random.pick(["skypeteams", "Teams für Web"]) },
      { Key: "Country", Value: random.pick(["de", "fr", "jp"]) },
    ],
  };
}

const allPeople = ({ tenant, random }: RecordContext): readonly Person[] =>
  random.chance(0.05) ? tenant.guests : tenant.people;

const externalChat = ({ tenant, random }: RecordContext): Chat => random.pick(tenant.externalChats);

const anyChat = ({ tenant, random }: RecordContext): Chat =>
  random.pick(random.chance(0.3) ? tenant.externalChats : tenant.internalChats);

function inChat({ tenant, random }: RecordContext, chat: Chat): RecordFields {
  const type = chat.type === "OneOnOne" && random.chance(0.1) ? "OneonOne" : chat.type;
  return {
    ...clientAddress(random),
    CommunicationType: type,
    ChatThreadId: chat.threadId,
    ChatName: chat.type === "GroupChat" && random.chance(0.4) ? "Lunch 🍜 / 昼食" : undefined,
    ParticipantInfo: participantInfo(chat, tenant),
    ResourceTenantId: tenant.tenantId,
  };
}

function participantInfo({ people }: Chat, tenant: MadeUpTenant): RecordFields {
  const domains = [...new Set(people.map(({ upn }) => upn.slice(upn.lastIndexOf("@") + 1)))];
  return {
    HasForeignTenantUsers: people.some((person) => person.tenantId !== tenant.tenantId),
    HasGuestUsers: people.some(isGuest),
    HasOtherGuestUsers: false,
    HasUnauthenticatedUsers: false,
    ParticipatingDomains: domains,
    ParticipatingSIPDomains: domains.map((DomainName) => ({ DomainName, TenantId: "" })),
    ParticipatingTenantIds: [...new Set(people.map(({ tenantId }) => tenantId))],
  };
}

function messageInChat(context: RecordContext, chat: Chat): RecordFields {
  const { random, tenant } = context;
  const sender = random.chance(0.25) ? random.pick(chat.people) : chat.people[0]!;
  return {
    ...inChat(context, chat),
    UserId: sender.upn,
    UserKey: sender.objectId,
    UserTenantId: sender.tenantId === tenant.tenantId ? undefined : sender.tenantId,
    MessageId: messageId(context),
    MessageVersion: messageId(context),
    MessageSizeInBytes: random.whole(20, 28_000),
    ...(random.chance(0.5) && client(random)),
  };
}

function messageInChannel(context: RecordContext): RecordFields {
  return {
    ...inChannel(context),
    CommunicationType: "Team",
    MessageId: messageId(context),
    MessageSizeInBytes: context.random.whole(20, 28_000),
  };
}

/** Documented as a string; consumers expand an array. */
function messageUrls({ random, tenant }: RecordContext): string | readonly string[] {
  const urls = times(random.whole(1, 3), () =>
    random.pick([
      `https://${tenant.domain.split(".")[0]}.sharepoint.example/sites/a?id=${random.hex(8)}&x=1`,
      `https://www.example.com/über/${random.hex(6)}`,
      `https://login.tailspin.example/?code=${random.hex(12)}#frag`,
    ]),
  );
  return random.chance(0.1) ? urls[0]! : urls;
}

const messageId = ({ at }: RecordContext) => String(at.getTime());

/** Operations that are logged when an application reads by Microsoft Graph. */
function byGraph({ random, tenant, at }: RecordContext): RecordFields {
  const app = random.pick(tenant.apps);
  const isApplication = random.chance(0.6);
  return {
    ...(isApplication && { UserId: `ServicePrincipal_${app.entraAppId}`, UserType: 6 }),
    ...clientAddress(random),
    AppAccessContext: {
      AADSessionId: isApplication ? undefined : random.guid(),
      APIId: "00000003-0000-0000-c000-000000000000",
      ClientAppId: app.entraAppId,
      ClientAppName: random.chance(0.5) ? app.name : undefined,
      CorrelationId: random.guid(),
      IssuedAtTime: zoneless(at.getTime() - random.whole(1, 50) * MINUTE_MS),
      UniqueTokenId: random.hex(22),
    },
  };
}

function messageReference(context: RecordContext): RecordFields {
  const { random, tenant } = context;
  if (random.chance(0.5)) {
    const { threadId } = anyChat(context);
    return {
      Id: messageId(context),
      ChatThreadId: threadId,
      SizeInBytes: random.whole(20, 28_000),
      Version: messageId(context),
    };
  }
  const team = random.pick(tenant.teams);
  const channel = random.pick(team.channels);
  return {
    AADGroupId: team.groupId,
    ChannelGuid: channel.threadId,
    ChannelName: channel.name,
    ChannelType: channel.type,
    Id: messageId(context),
    ParentMessageId: random.chance(0.5) ? messageId(context) : undefined,
    SizeInBytes: random.whole(20, 28_000),
    TeamGuid: team.threadId,
    TeamName: team.name,
    Version: messageId(context),
  };
}

function holdMeeting({ random, at, actor, meetings }: RecordContext): Meeting {
  // The record comes hours after the meeting.
  const endMs = at.getTime() - random.whole(60, 300) * MINUTE_MS;
  const meeting = {
    detailId: random.guid(),
    threadId: `19:meeting_${random.hex(40)}@thread.v2`,
    startMs: endMs - random.whole(15, 90) * MINUTE_MS,
    endMs,
    organizer: actor,
  };
  meetings.push(meeting);
  return meeting;
}

const recentMeeting = ({ meetings, random }: RecordContext): Meeting =>
  random.pick(meetings.slice(-40));

function participant({ tenant, random, actor }: RecordContext): Person | undefined {
  const draw = random.fraction();
  if (draw < 0.03) {
    return undefined;
  }
  return draw < 0.12 ? random.pick(tenant.foreigners) : actor;
}

const attendee = (person: Person): RecordFields => ({
  DisplayName: person.name,
  OrganizationId: person.tenantId,
  RecipientType: "User",
  UPN: person.upn,
  UserObjectId: person.objectId,
});

/** `TeamGuid` is documented as a GUID and holds a thread id. */
const ofTeam = (team: Team): RecordFields => ({
  AADGroupId: team.groupId,
  CommunicationType: "Team",
  TeamGuid: team.threadId,
  TeamName: team.name,
});

function inChannel({ tenant, random }: RecordContext): RecordFields {
  const team = random.pick(tenant.teams);
  const channel = random.pick(team.channels);
  return {
    ...ofTeam(team),
    ChannelGuid: channel.threadId,
    ChannelName: channel.name,
    ChannelType: channel.type,
  };
}

/** An element of `Members`; one in ten spells the address the way an older document does. */
function member({ random }: RecordContext, person: Person): RecordFields {
  const Role = isGuest(person) ? GUEST : random.chance(0.1) ? OWNER : MEMBER;
  const address = random.chance(0.1) ? { Upn: person.upn } : { UPN: person.upn };
  return { DisplayName: person.name, OrganizationId: person.tenantId, Role, ...address };
}

const someMembers = (context: RecordContext, team: Team, most: number): readonly RecordFields[] =>
  times(context.random.whole(1, most), () => member(context, context.random.pick(team.members)));

const isGuest = (person: Person) => person.upn.includes("#EXT#");

/** The name of an add-on is spelled in two ways; `type` is 1 for a bot, 2 a connector, 3 a tab. */
function addOn({ tenant, random }: RecordContext, type: 1 | 2 | 3): RecordFields {
  const app = random.pick(tenant.apps);
  return {
    AddOnGuid: app.addOnGuid,
    ...(random.chance(0.15) ? { AddonName: app.name } : { AddOnName: app.name }),
    AddOnType: type,
    TabType: type === 3 ? random.pick(["Extension", "Files", "Wiki"]) : undefined,
  };
}

function appInstalled(context: RecordContext): RecordFields {
  const { tenant, random, actor } = context;
  return {
    ...addOn(context, 1),
    AzureADAppId: random.pick(tenant.apps).entraAppId,
    AppDistributionMode: random.pick(["Global", "Organization", "TemplatedInstance"]),
    OperationScope: random.pick(["User", "Team", "Chat"]),
    TargetUserId: actor.objectId,
  };
}

const byAdmin = ({ tenant, random }: RecordContext): RecordFields => {
  const admin = random.pick(tenant.admins);
  return { UserId: admin.upn, UserKey: admin.objectId, UserType: 2, ...clientAddress(random) };
};
