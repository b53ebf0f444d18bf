package io.trainyard.api.access;

import io.trainyard.access.AuditLog;
import io.trainyard.api.Page;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who changed what, newest first. */
@RestController
record AuditController(AuditLog audit, JsonMapper mapper) {
  /**
   * Lists changes.
   *
   * @param caller the id of the only caller to show
   * @param resource what the changed path starts with
   */
  @GetMapping("/v1/audit")
  Entries list(
      @RequestParam(required = false) @Nullable String caller,
      @RequestParam(required = false) @Nullable String resource,
      Page page) {
    Page.Slice<AuditLog.Entry> slice =
        page.slice(
            audit.list(caller, resource, page.afterNumber(), page.limit()),
            entry -> String.valueOf(entry.id()));
    return new Entries(slice.map(this::view), slice.nextPageToken());
  }

  private EntryView view(AuditLog.Entry entry) {
    return new EntryView(
        entry.id(),
        entry.at(),
        new By(entry.caller(), entry.callerName()),
        entry.operation(),
        entry.resource(),
        json(entry.before()),
        json(entry.after()));
  }

  private @Nullable JsonNode json(@Nullable String text) {
    return text == null ? null : mapper.readTree(text);
  }

  record Entries(List<EntryView> entries, String nextPageToken) {}

  /**
   * A change.
   *
   * @param before null: nothing was there, or the operation has no values to show
   * @param after null: nothing is left, or the operation has no values to show
   */
  record EntryView(
      long id,
      Instant at,
      By by,
      String operation,
      String resource,
      @Nullable JsonNode before,
      @Nullable JsonNode after) {}

  /** The caller; the id is empty for one without a key. */
  record By(String id, String name) {}
}
