package io.trainyard.store.access;

import io.trainyard.access.Binding;
import io.trainyard.access.Scope;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TableRules;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** What the columns of the tables of keys and of the audit log hold. */
public final class AccessColumns {
  private static final String NAMES = "names, or their beginnings with a '*', with spaces between";

  public static final List<TableRules> RULES =
      List.of(
          TableRules.of("access_keys")
              .text("id", "an id", text -> !text.isBlank())
              .text("name", "a name", text -> !text.isBlank())
              .text(
                  "scopes",
                  "scopes with spaces between, of " + Scope.words(),
                  text -> eachWord(text, word -> Scope.of(word).isPresent()))
              .text("models", NAMES, text -> eachWord(text, Binding::isWord))
              .text("datasets", NAMES, text -> eachWord(text, Binding::isWord))
              .atLeast(
                  1,
                  "requests_per_second",
                  "concurrent_requests",
                  "stored_bytes",
                  "unfinished_jobs")
              .sha256("sha256")
              .any(
                  "prefix",
                  "max_priority",
                  "created_by",
                  "created_at",
                  "expires_at",
                  "last_used_at"),
          TableRules.of("audit_entries")
              .atLeast(1, "id")
              .document("before_change", "JSON", Json::read)
              .document("after_change", "JSON", Json::read)
              .any("occurred_at", "caller", "caller_name", "operation", "resource"));

  private AccessColumns() {}

  private static boolean eachWord(String text, Predicate<String> holds) {
    return text.isEmpty() || Arrays.stream(text.split(" ", -1)).allMatch(holds);
  }
}
