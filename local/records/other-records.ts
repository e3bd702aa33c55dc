import { LosslessNumber } from "lossless-json";

import { clientAddress } from "./client-address.ts";
import { times } from "./made-up-tenant.ts";
import type { RecordContext, RecordKind } from "./record-kind.ts";
import { zoneless } from "./record-kind.ts";

/**
 * The other workloads that share the content type Audit.General, by the record types of
 * https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema,
 * with the irregular properties that collectors had to handle
 * (https://github.com/elastic/integrations/pull/1136, https://github.com/elastic/integrations/pull/3204,
 * https://github.com/elastic/integrations/blob/0195c8f9198f4e472ac1dc382692bb0e3bfcd773/packages/o365/data_stream/audit/_dev/test/pipeline/test-stringly-json-events.json).
 */
export const otherRecords: readonly RecordKind[] = [
  endpoint("FileCreated", 500),
  endpoint("FileModified", 420),
  endpoint("FileRead", 260),
  endpoint("FileCopiedToRemovableMedia", 40),
  endpoint("FileUploadedToCloud", 130),
  endpoint("FilePrinted", 90),
  endpoint("ArchiveCreated", 40),
  endpoint("DLPRuleMatch", 15),
  endpoint("DlpRuleMatch", 15),

  {
    operation: "Set-DlpCompliancePolicy",
    recordType: 18,
    workload: "SecurityComplianceCenter",
    perThousandSeats: 20,
    hours: "office",
    fields: ({ random, tenant }) => {
      const admin = random.pick(tenant.admins);
      return {
        UserId: admin.upn,
        UserKey: admin.objectId,
        UserType: 2,
        ResultStatus: "Success",
        ObjectId: random.guid(),
        ClientApplication: "EMC",
        CmdletVersion: "1.0",
        NonPIIParameters: '-Identity "<SNIP-PII>"',
        Parameters: '-Identity "Standard ä/ö" -TeamsLocation ("ALL") -Mode "Enable"',
      };
    },
  },
  {
    operation: "Get-ComplianceSearch",
    recordType: 18,
    workload: "SecurityComplianceCenter",
    perThousandSeats: 130,
    hours: "office",
    fields: ({ at, actor }) => ({
      UserId: actor.name,
      ResultStatus: "Success",
      StartTime: zoneless(at.getTime() - 1000),
      Parameters: "",
      UserServicePlan: "",
    }),
  },
  {
    operation: "AlertEntityGenerated",
    recordType: 40,
    workload: "SecurityComplianceCenter",
    perThousandSeats: 40,
    hours: "all day",
    fields: ({ random, actor, tenant }) => ({
      UserId: "SecurityComplianceAlerts",
      UserKey: "SecurityComplianceAlerts",
      UserType: 4,
      AlertId: random.guid(),
      AlertLinks: [],
      AlertType: "System",
      EntityType: "User",
      Category: "ThreatManagement",
      Severity: random.pick(["Low", "Medium", "High"]),
      Name: "Phishing – “urgent” link clicked",
      Data: JSON.stringify({ etype: "User", eid: actor.upn, tid: tenant.tenantId, lon: "ja\n" }),
    }),
  },
  {
    operation: "TIMailData",
    recordType: 28,
    workload: "ThreatIntelligence",
    perThousandSeats: 110,
    hours: "all day",
    fields: ({ random, actor, at }) => ({
      UserId: "ThreatIntel",
      UserKey: "ThreatIntel",
      UserType: 4,
      Recipients: [actor.upn],
      P1Sender: "news@tailspin.example",
      P2Sender: "news@tailspin.example",
      SenderIp: `192.0.2.${random.whole(1, 254)}`,
      Subject: random.pick(["Ihre Rechnung", "ご請求書", "Invoice \u{1F4CE}", ""]),
      MessageTime: zoneless(at.getTime() - 60_000),
      Verdict: random.pick(["Spam", "Phish", "Malware"]),
      AttachmentData: [{ FileName: "a b.docm", SHA256: random.hex(64), MalwareFamily: "" }],
    }),
  },
  {
    operation: "TIUrlClickData",
    recordType: 41,
    workload: "ThreatIntelligence",
    perThousandSeats: 45,
    hours: "office",
    fields: ({ random }) => ({
      Url: `https://www.tailspin.example/${random.hex(10)}?q=%20a`,
      UrlClickAction: random.whole(0, 7),
      UserIp: `203.0.113.${random.whole(1, 254)}`,
      AppName: random.pick(["Teams", "Mail"]),
    }),
  },
  {
    operation: "AtpDetection",
    recordType: 47,
    workload: "ThreatIntelligence",
    perThousandSeats: 3,
    hours: "office",
    fields: ({ random }) => ({
      FileData: { FileName: "Bericht.xlsm", MalwareFamily: "Example", SHA256: random.hex(64) },
      SourceWorkload: "Teams",
    }),
  },
  {
    operation: "CreateFlow",
    recordType: 30,
    workload: "MicrosoftFlow",
    perThousandSeats: 120,
    hours: "office",
    fields: ({ random }) => ({
      ...clientAddress(random),
      FlowDetailsUrl: `https://flow.example.com/manage/flows/${random.guid()}`,
      UserTypeInitiated: 1,
      ModifiedProperties: ["State", "Definition"],
    }),
  },
  {
    operation: "LaunchPowerApp",
    recordType: 45,
    workload: "PowerApps",
    perThousandSeats: 160,
    hours: "office",
    fields: ({ random }) => ({
      ...clientAddress(random),
      AppName: random.guid(),
      AdditionalInfo: JSON.stringify({ environmentName: `Default-${random.guid()}`, size: 1.5 }),
    }),
  },
  {
    operation: "ViewReport",
    recordType: 20,
    workload: "PowerBI",
    perThousandSeats: 330,
    hours: "office",
    fields: ({ random, actor }) => ({
      ...clientAddress(random),
      Activity: "ViewReport",
      ItemName: random.pick(["Umsatz €", "KPI 📈", "Forecast"]),
      DatasetId: random.guid(),
      OperationProperties: random.chance(0.5)
        ? JSON.stringify([{ Name: "Requester", Value: actor.upn }])
        : [{ Name: "Requester", Value: actor.upn }],
      IsSuccess: true,
    }),
  },
  {
    operation: "CrmDefaultActivity",
    recordType: 21,
    workload: "CRM",
    perThousandSeats: 150,
    hours: "office",
    fields: ({ random, actor }) => ({
      ...(random.chance(0.5) && { UserId: actor.objectId }),
      Fields: times(random.whole(2, 12), (index) => ({
        Name: `attribute_${index}`,
        Value: random.chance(0.2) ? null : random.hex(12),
      })),
      ItemType: "PageLoad",
      ExtendedProperties: [{ Name: "Query", Value: JSON.stringify({ top: 50, filter: "a='b'" }) }],
    }),
  },
  {
    operation: "CopilotInteraction",
    recordType: 261,
    workload: "Copilot",
    perThousandSeats: 180,
    hours: "office",
    fields: ({ random }) => ({
      CopilotEventData: {
        AppHost: random.pick(["Teams", "Word", "Bing"]),
        Contexts: [{ Id: random.guid(), Type: "TeamsMeeting" }],
        AccessedResources: [],
        ThreadId: `19:${random.hex(32)}@thread.v2`,
      },
    }),
  },
  {
    operation: "ViewForm",
    recordType: 66,
    workload: "MicrosoftForms",
    perThousandSeats: 120,
    hours: "office",
    fields: ({ random }) => ({
      ...clientAddress(random),
      FormId: random.hex(60),
      FormName: random.pick(["Umfrage", "アンケート", "Quiz \u2028 with a line separator"]),
    }),
  },
  {
    operation: "MessageViewed",
    recordType: 22,
    workload: "Yammer",
    perThousandSeats: 60,
    hours: "office",
    fields: ({ random }) => ({ MessageId: random.whole(1, 2 ** 31), VersionId: null }),
  },
  {
    operation: "DataInsightsRestApiAudit",
    recordType: 52,
    workload: "SecurityComplianceCenter",
    perThousandSeats: 60,
    hours: "all day",
    fields: () => ({ UserId: "Not Available", UserKey: "", DataType: "Usage", AadAppId: "" }),
  },
  {
    // Live tenants deliver numbers, such as 117, that are not in the documented table.
    operation: "UnifiedSignalRecorded",
    recordType: 117,
    workload: "PublicEndpoint",
    perThousandSeats: 12,
    hours: "all day",
    fields: ({ random }) => ({
      SequenceNumber: new LosslessNumber(`9007199254740993${random.whole(0, 9)}`),
      Ratio: new LosslessNumber("1.50"),
      Threshold: new LosslessNumber("2E+3"),
    }),
  },
  {
    operation: "PreviewFeatureUsed",
    recordType: 4711,
    workload: "ContosoPreview",
    perThousandSeats: 5,
    hours: "office",
    fields: () => ({ Details: { Nested: { Deeply: [[1, [2, [3, null]]], {}] } } }),
  },
];

function endpoint(operation: string, perThousandSeats: number): RecordKind {
  return {
    operation,
    recordType: 63,
    workload: "Endpoint",
    perThousandSeats,
    hours: "office",
    fields: endpointFields,
  };
}

function endpointFields({ random, actor }: RecordContext) {
  const folder = `C:\\Users\\${actor.upn.split("@")[0]}\\Dokumente`;
  const extension = random.pick(["docx", "xlsx", "pdf", "zip"]);
  const file = `${random.pick(["Angebot", "Bücher", "plan", "報告"])} ${random.whole(1, 900)}.${extension}`;
  return {
    ...clientAddress(random),
    ObjectId: `${folder}\\${file}`,
    Application: random.pick(["explorer.exe", "WINWORD.EXE", "chrome.exe"]),
    DeviceName: `nb-${random.hex(6)}.corp.example`,
    EnforcementMode: random.whole(1, 4),
    FileExtension: extension,
    FileSize: random.whole(1000, 90_000_000),
    FileType: extension.toUpperCase(),
    Hidden: false,
    JitTriggered: false,
    MDATPDeviceId: random.hex(40),
    Platform: random.chance(0.9) ? 1 : "2",
    PolicyMatchInfo: random.chance(0.05)
      ? { PolicyId: random.guid(), PolicyName: "Kreditkarten", RuleName: "hoch" }
      : undefined,
    RMSEncrypted: false,
    SensitiveInfoTypeData: [],
    Sha256: random.hex(64),
    SourceLocationType: 1,
    TargetFilePath: random.chance(0.3) ? `E:\\${file}` : undefined,
  };
}
