package io.trainyard.store.idempotency;

import io.trainyard.idempotency.Created;
import io.trainyard.store.database.TableRules;
import java.util.Arrays;
import java.util.List;

/** What the columns of the table of idempotency keys hold. */
public final class IdempotencyColumns {
  private static final int FIRST_STATUS = 100;
  private static final int LAST_STATUS = 599;

  public static final List<TableRules> RULES =
      List.of(
          TableRules.of("idempotency_keys")
              .sha256("id", "payload")
              .between("status", FIRST_STATUS, LAST_STATUS)
              .word(
                  "created_kind",
                  Arrays.stream(Created.Kind.values()).map(Created.Kind::word).toList())
              .row(
                  "created_id",
                  "what was created, beside its kind",
                  row -> {
                    if (row.path("created_kind").isString() != row.path("created_id").isString()) {
                      throw new IllegalArgumentException("one of both is null");
                    }
                  })
              .any("holder", "location", "etag", "content_type", "body", "created_at"));

  private IdempotencyColumns() {}
}
