package io.trainyard.api.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.access.AccessKey;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.Change;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.api.EntityTag;
import io.trainyard.api.Page;
import io.trainyard.error.ServiceException;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Keys: made, listed and ended without a restart. None can be changed; a new one takes its place.
 * Making one takes no {@code Idempotency-Key}: its answer, which holds the key, must not be stored.
 */
@RestController
@RequestMapping("/v1/keys")
record KeyController(AccessKeys keys, Clock clock) {
  private static final Pattern CURSOR = Pattern.compile("\\d{19}-\\d{9}-[0-9a-z-]{1,36}");

  @PostMapping
  ResponseEntity<KeyView> create(@RequestBody JsonNode body, HttpServletRequest request) {
    if (request.getHeader("Idempotency-Key") != null) {
      throw ServiceException.parameter(
          "Keys take no Idempotency-Key, because an answer with a key is never stored; after a lost"
              + " answer, delete the key by its name in the list and make another one");
    }
    AccessKey.Wanted wanted = KeyRequest.read(body, clock.instant());
    AccessKeys.Made made = keys.create(wanted);
    Change.note(null, KeyView.of(made.key(), null));
    return ResponseEntity.created(URI.create("/v1/keys/" + made.key().id()))
        .header("Cache-Control", "no-store")
        .body(KeyView.of(made.key(), made.text()));
  }

  @GetMapping
  KeyList list(Page page) {
    String after = page.afterText(CURSOR);
    Page.Slice<AccessKey> slice =
        page.slice(
            keys.list().stream()
                .filter(key -> after == null || cursor(key).compareTo(after) < 0)
                .sorted(Comparator.comparing(KeyController::cursor).reversed())
                .limit(page.limit())
                .toList(),
            KeyController::cursor);
    return new KeyList(slice.map(key -> KeyView.of(key, null)), slice.nextPageToken());
  }

  /** Sorts as the time of creation does. */
  private static String cursor(AccessKey key) {
    Instant at = key.createdAt();
    return "%019d-%09d-%s".formatted(at.getEpochSecond(), at.getNano(), key.id());
  }

  @GetMapping("/{key}")
  ResponseEntity<KeyView> read(@PathVariable String key) {
    AccessKey found = keys.get(key);
    return ResponseEntity.ok().eTag(tag(found).header()).body(KeyView.of(found, null));
  }

  /** A key never changes; when it was used last is no part of it. */
  private static EntityTag tag(AccessKey key) {
    return EntityTag.of(key.id(), key.sha256());
  }

  @DeleteMapping("/{key}")
  ResponseEntity<Void> delete(
      @PathVariable String key,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    EntityTag.matching(ifMatch, KeyController::tag).check(Optional.of(keys.get(key)));
    Change.note(KeyView.of(keys.delete(key), null), null);
    return ResponseEntity.noContent().build();
  }

  record KeyList(List<KeyView> keys, String nextPageToken) {}

  /**
   * A key as callers see it.
   *
   * @param prefix the first characters of the key
   * @param key the key itself, in the answer to the request that makes it
   * @param models the only ones that its caller may use; null: all
   * @param datasets the same
   * @param maxPriority of its caller's jobs; an administrator has no limit
   * @param lastUsedAt to about a minute; null: never
   */
  record KeyView(
      String id,
      String name,
      String prefix,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key,
      List<String> scopes,
      @Nullable List<String> models,
      @Nullable List<String> datasets,
      Limits limits,
      int maxPriority,
      String createdBy,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant lastUsedAt) {
    static KeyView of(AccessKey key, @Nullable String text) {
      return new KeyView(
          key.id(),
          key.name(),
          key.prefix(),
          text,
          key.scopes().stream().sorted().map(Scope::word).toList(),
          key.models().words(),
          key.datasets().words(),
          key.limits(),
          key.maxPriority(),
          key.createdBy(),
          key.createdAt(),
          key.expiresAt(),
          key.lastUsedAt());
    }
  }
}
