package io.trainyard.api.access;

import io.trainyard.access.AccessKey;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Names;
import io.trainyard.access.Scope;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.check.JobRequest;
import io.trainyard.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the body of a request for a key. */
final class KeyRequest {
  private static final int MOST_NAMES = 100;
  private static final int MOST = 1_000_000_000;

  private KeyRequest() {}

  static AccessKey.Wanted read(JsonNode body, Instant now) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    String name = members.requiredText("name");
    if (members.hasText("name") && !Names.isName(name)) {
      members.violate("name", nameFault(name));
    }
    if (name.equals(Identity.ANONYMOUS)) {
      members.violate(
          "name", "'%s' stands for callers without a key; choose another name".formatted(name));
    }
    Set<Scope> scopes = scopes(members);
    JsonObject limits = members.object("limits");
    AccessKey.Wanted wanted =
        new AccessKey.Wanted(
            name,
            scopes,
            binding(members, "models", scopes),
            binding(members, "datasets", scopes),
            limits == null ? Limits.NONE : limits(limits),
            maxPriority(members, scopes),
            expiresAt(members, now));
    members.finish();
    violations.throwIfAny();
    return wanted;
  }

  private static String nameFault(String name) {
    return "A name has at most 63 characters of a-z, 0-9, '.', '_' and '-', and starts with a"
        + " letter or digit; got '"
        + JsonObject.shorten(name)
        + "'";
  }

  private static Set<Scope> scopes(JsonObject members) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    List<String> words = members.texts("scopes");
    JsonNode given = members.get("scopes");
    if (given == null || (given.isArray() && given.isEmpty())) {
      members.violate("scopes", "At least one scope is needed, of " + Scope.words());
    }
    if (words == null) {
      return scopes;
    }
    for (int i = 0; i < words.size(); i++) {
      Optional<Scope> scope = Scope.of(words.get(i));
      if (scope.isEmpty()) {
        members
            .violations()
            .add(
                Violation.pointer(members.pointer("scopes"), i),
                "A scope is one of %s; got '%s'"
                    .formatted(Scope.words(), JsonObject.shorten(words.get(i))));
      }
      scope.ifPresent(scopes::add);
    }
    return scopes;
  }

  private static Binding binding(JsonObject members, String kind, Set<Scope> scopes) {
    List<String> words = members.texts(kind);
    if (words == null) {
      return Binding.ALL;
    }
    if (words.isEmpty() || words.size() > MOST_NAMES) {
      members.violate(
          kind,
          "A key is bound to 1 to %d %s; leave '%2$s' out for all".formatted(MOST_NAMES, kind));
    }
    for (int i = 0; i < words.size(); i++) {
      if (!Binding.isWord(words.get(i))) {
        members
            .violations()
            .add(
                Violation.pointer(members.pointer(kind), i),
                nameFault(words.get(i)) + "; a '*' at its end stands for any rest");
      }
    }
    Binding binding = Binding.of(words);
    if (scopes.contains(Scope.ADMIN) && !binding.isAll()) {
      members.violate(
          kind, "The scope admin is for all %s; leave one of the two out".formatted(kind));
    }
    return binding;
  }

  private static int maxPriority(JsonObject members, Set<Scope> scopes) {
    if (members.has("max_priority") && scopes.contains(Scope.ADMIN)) {
      members.violate(
          "max_priority", "The scope admin is for any priority; leave one of the two out");
    }
    return members.integer("max_priority", 0, -JobRequest.MAX_PRIORITY, JobRequest.MAX_PRIORITY);
  }

  private static Limits limits(JsonObject members) {
    Limits limits =
        new Limits(
            number(members, "requests_per_second"),
            number(members, "concurrent_requests"),
            members.has("stored_bytes")
                ? (Long) members.integer("stored_bytes", 1L, 1, Long.MAX_VALUE / 2)
                : null,
            number(members, "unfinished_jobs"));
    members.finish();
    return limits;
  }

  private static @Nullable Integer number(JsonObject members, String member) {
    return members.has(member) ? (Integer) members.integer(member, 1, 1, MOST) : null;
  }

  private static @Nullable Instant expiresAt(JsonObject members, Instant now) {
    String text = members.text("expires_at");
    if (text == null) {
      return null;
    }
    try {
      Instant end = OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
      Instant latest = now.plus(100 * 365, ChronoUnit.DAYS);
      if (end.isAfter(now) && end.isBefore(latest)) {
        return end;
      }
      members.violate(
          "expires_at",
          "A time in the future, within 100 years, was expected, got " + JsonObject.shorten(text));
    } catch (DateTimeParseException e) {
      members.violate(
          "expires_at",
          "A time as in 2030-01-31T12:00:00Z was expected, got '" + JsonObject.shorten(text) + "'");
    }
    return null;
  }
}
