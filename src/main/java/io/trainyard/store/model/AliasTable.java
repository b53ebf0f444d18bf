package io.trainyard.store.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.Alias;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/**
 * The tables of aliases and of their moves. Each move stores which move a rollback returns to, so a
 * second rollback goes one move further back. Callers hold the model's lock for every change.
 */
record AliasTable(JdbcClient jdbc, Clock clock) {
  private static final String ALIASES =
      """
      select m.name as model, a.name, a.version, a.move_id, move.moved_at,
        (select back.version from alias_moves back where back.id = move.back_to) as previous
      from aliases a
      join models m on m.id = a.model_id
      join alias_moves move on move.id = a.move_id
      where m.name = :model
      """;

  Optional<Alias> find(String model, String alias) {
    return jdbc.sql(ALIASES + "and a.name = :alias")
        .param("model", model)
        .param("alias", alias)
        .query(AliasTable::alias)
        .optional();
  }

  Alias require(String model, String alias) {
    return find(model, alias).orElseThrow(() -> Alias.notFound(model, alias));
  }

  List<Alias> list(String model) {
    return jdbc.sql(ALIASES + "order by a.name")
        .param("model", model)
        .query(AliasTable::alias)
        .list();
  }

  private static Alias alias(ResultSet row, int number) throws SQLException {
    int previous = row.getInt("previous");
    boolean none = row.wasNull();
    return new Alias(
        row.getString("model"),
        row.getString("name"),
        row.getInt("version"),
        none ? null : (Integer) previous,
        row.getLong("move_id"),
        Timestamps.instant(row, "moved_at"));
  }

  /** Points an alias at a version. If it points there already, that is now decided. */
  void move(long model, @Nullable Alias current, String alias, int version, String by) {
    if (current == null) {
      insert(model, alias, version, by);
    } else if (current.version() != version) {
      point(model, alias, version, insertMove(model, alias, version, current.revision(), by));
    } else {
      jdbc.sql("update alias_moves set granted = false where id = :move and granted = true")
          .param("move", current.revision())
          .update();
    }
  }

  /** Points production at the first version of a model. Nobody has decided it. */
  void grant(long model, int version, String by) {
    long move = insert(model, Alias.PRODUCTION, version, by);
    jdbc.sql("update alias_moves set granted = true where id = :move").param("move", move).update();
  }

  private long insert(long model, String alias, int version, String by) {
    long move = insertMove(model, alias, version, null, by);
    jdbc.sql(
            """
            insert into aliases (model_id, name, version, move_id)
            values (:model, :alias, :version, :move)\
            """)
        .param("model", model)
        .param("alias", alias)
        .param("version", version)
        .param("move", move)
        .update();
    if (alias.equals(Alias.PRODUCTION)) {
      jdbc.sql("update models set grants_production = false where id = :model")
          .param("model", model)
          .update();
    }
    return move;
  }

  /** Undoes the latest move that is not undone yet; refuses if the version before is deleted. */
  void rollback(long model, Alias current, String by) {
    Target target =
        jdbc.sql(
                """
                select back.id, back.version, back.back_to, (select count(*) from model_versions v
                  where v.model_id = back.model_id and v.version = back.version) as existing
                from alias_moves move join alias_moves back on back.id = move.back_to
                where move.id = :move\
                """)
            .param("move", current.revision())
            .query(Target.class)
            .optional()
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.CONFLICT,
                        "The alias '%s' has no version before %d to return to"
                            .formatted(current.name(), current.version())));
    if (target.existing() == 0) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "The alias '%s' pointed at version %d, which is deleted"
              .formatted(current.name(), target.version()));
    }
    long move = insertMove(model, current.name(), target.version(), target.backTo(), by);
    point(model, current.name(), target.version(), move);
  }

  private record Target(long id, int version, @Nullable Long backTo, long existing) {}

  private void point(long model, String alias, int version, long move) {
    jdbc.sql(
            """
            update aliases set version = :version, move_id = :move
            where model_id = :model and name = :alias\
            """)
        .param("version", version)
        .param("move", move)
        .param("model", model)
        .param("alias", alias)
        .update();
  }

  private long insertMove(long model, String alias, int version, @Nullable Long backTo, String by) {
    KeyHolder key = new GeneratedKeyHolder();
    jdbc.sql(
            """
            insert into alias_moves (model_id, alias, version, back_to, moved_at, moved_by)
            values (:model, :alias, :version, :backTo, :now, :by)\
            """)
        .param("model", model)
        .param("alias", alias)
        .param("version", version)
        .param("backTo", backTo)
        .param("now", Timestamps.now(clock))
        .param("by", by)
        .update(key, "id");
    Number id = key.getKey();
    if (id == null) {
      throw new IllegalStateException("the database returned no id for the move");
    }
    return id.longValue();
  }

  List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before) {
    return jdbc.sql(
            """
            select h.id, h.version, h.moved_at, h.moved_by
            from alias_moves h join models m on m.id = h.model_id
            where m.name = :model and h.alias = :alias and h.id < :before
            order by h.id desc fetch first :limit rows only\
            """)
        .param("model", model)
        .param("alias", alias)
        .param("before", before == null ? Long.MAX_VALUE : before)
        .param("limit", limit)
        .query(
            (row, number) ->
                new Alias.Move(
                    row.getLong("id"),
                    row.getInt("version"),
                    Timestamps.instant(row, "moved_at"),
                    row.getString("moved_by")))
        .list();
  }

  /** Deletes production if it still is as the first version brought it. */
  void deleteGranted(long model) {
    jdbc.sql(
            """
            select a.name from aliases a join alias_moves move on move.id = a.move_id
            where a.model_id = :model and move.granted = true\
            """)
        .param("model", model)
        .query(String.class)
        .list()
        .forEach(alias -> delete(model, alias));
  }

  void delete(long model, String alias) {
    jdbc.sql("delete from aliases where model_id = :model and name = :alias")
        .param("model", model)
        .param("alias", alias)
        .update();
    deleteMoves(model, alias);
  }

  private void deleteMoves(long model, String alias) {
    jdbc.sql("update alias_moves set back_to = null where model_id = :model and alias = :alias")
        .param("model", model)
        .param("alias", alias)
        .update();
    jdbc.sql("delete from alias_moves where model_id = :model and alias = :alias")
        .param("model", model)
        .param("alias", alias)
        .update();
  }
}
