import type { Collector } from "./deployed-tenant.ts";
import type { PublishedDay } from "./records/publish-day.ts";

/** Gives a day's blobs to the feed of a tenant, which lists each when its time has come. */
export function publishInFeed({ feed, tenant }: Collector, { blobs }: PublishedDay): void {
  for (const blob of blobs) {
    const { contentId, contentType, created, listedFrom } = blob;
    // Its text may lie in a file, and is read when the blob is fetched.
    const body = () => blob.body;
    feed.publish(tenant.tenantId, contentType, { contentId, created, listedFrom, body });
  }
}
