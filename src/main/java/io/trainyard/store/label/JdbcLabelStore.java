package io.trainyard.store.label;

import io.trainyard.label.LabelStore;
import io.trainyard.label.Labelled;
import io.trainyard.label.Labels;
import io.trainyard.store.database.Timestamps;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Labels in the database that all processes share. */
@Component
public final class JdbcLabelStore implements LabelStore {
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final Clock clock;

  public JdbcLabelStore(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** A thing with its labels. */
  private record Found(Object id, Labels labels) {}

  @Override
  public Optional<Labels> find(Labelled kind, String key) {
    return find(LabelTables.of(kind), key, "").map(Found::labels);
  }

  private Optional<Found> find(LabelTables tables, String key, String lock) {
    return jdbc.sql(
            "select t.id, %s from %s where %s%s"
                .formatted(LabelColumns.of("t."), tables.from(), tables.key(), lock))
        .params(parameters(key))
        .query((row, _) -> new Found(row.getObject("id"), LabelColumns.read(row)))
        .optional();
  }

  private static Map<String, Object> parameters(String key) {
    Map<String, Object> parameters = new HashMap<>();
    int at = key.lastIndexOf('@');
    parameters.put("name", at < 0 ? key : key.substring(0, at));
    if (at >= 0) {
      parameters.put("version", Integer.parseInt(key.substring(at + 1)));
    }
    return parameters;
  }

  @Override
  public Optional<Labels> change(
      Labelled kind, String key, Runnable precondition, UnaryOperator<Labels> change) {
    LabelTables tables = LabelTables.of(kind);
    return Objects.requireNonNull(
        transaction.execute(
            _ ->
                find(tables, key, " for update")
                    .map(
                        found -> {
                          precondition.run();
                          Labels changed = change.apply(found.labels());
                          write(kind, tables, found.id(), changed);
                          return changed;
                        })));
  }

  private void write(Labelled kind, LabelTables tables, Object id, Labels labels) {
    boolean revised = kind == Labelled.MODEL;
    var update =
        jdbc.sql(
                "update %s set description = :description, tags = :tags, archived = :archived%s where id = :id"
                    .formatted(
                        tables.table(),
                        revised ? ", revision = revision + 1, updated_at = :now" : ""))
            .param("description", labels.description())
            .param("tags", LabelColumns.text(labels.tags()))
            .param("archived", labels.archived())
            .param("id", id);
    if (revised) {
      update = update.param("now", Timestamps.now(clock));
    }
    update.update();
    jdbc.sql("delete from %s where %s = :id".formatted(tables.tags(), tables.thing()))
        .param("id", id)
        .update();
    labels
        .tags()
        .forEach(
            (name, content) ->
                jdbc.sql(
                        "insert into %s (%s, name, content) values (:id, :name, :content)"
                            .formatted(tables.tags(), tables.thing()))
                    .param("id", id)
                    .param("name", name)
                    .param("content", content)
                    .update());
  }
}
