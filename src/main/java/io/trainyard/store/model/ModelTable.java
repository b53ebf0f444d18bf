package io.trainyard.store.model;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.label.Labelled;
import io.trainyard.label.Ordered;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import io.trainyard.store.access.BoundNames;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.store.label.LabelTables;
import io.trainyard.store.label.SortedBy;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The table of models. */
final class ModelTable {
  private static final String LATEST =
      "(select max(v.version) from model_versions v where v.model_id = m.id)";

  /** As {@link Model#defaultVersion}. */
  private static final String DEFAULT_VERSION =
      "coalesce((select a.version from aliases a where a.model_id = m.id and a.name = '%s'), %s)"
          .formatted(Alias.PRODUCTION, LATEST);

  private static final String MODELS =
      """
      select m.id, m.name, m.spec, m.revision, m.created_at, m.updated_at,
        m.description, m.tags, m.archived, m.owner_name,
        %s as latest
      from models m\
      """
          .formatted(LATEST);

  private final JdbcClient jdbc;
  private final AliasTable aliases;
  private final JdbcModelHolds holds;
  private final QuotaTurns turns;
  private final Clock clock;

  ModelTable(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.aliases = new AliasTable(jdbc, clock);
    this.holds = new JdbcModelHolds(jdbc);
    this.turns = new QuotaTurns(jdbc);
    this.clock = clock;
  }

  void update(String name, JsonNode spec) {
    String text = spec.toString();
    long bytes = bytes(text);
    long more = bytes - ownBytes(name);
    if (more > 0) {
      turns.requireRoom(more);
    }
    jdbc.sql(
            """
            update models set spec = :spec, revision = revision + 1, updated_at = :now,
              spec_bytes = :bytes, owner = :owner
            where name = :name\
            """)
        .param("spec", text)
        .param("now", Timestamps.now(clock))
        .param("bytes", bytes)
        .param("owner", Identity.current().owner())
        .param("name", name)
        .update();
    holds.holdForModel(id(name).orElseThrow(), spec);
  }

  void insert(String name, JsonNode spec) {
    insertAlone(name, spec);
    holds.holdForModel(id(name).orElseThrow(), spec);
  }

  /** The same for the model of another installation, whose spec may name versions of that one. */
  void insertForeign(String name, JsonNode spec) {
    insertAlone(name, spec);
    holds.holdThoseThere(id(name).orElseThrow(), spec);
  }

  private void insertAlone(String name, JsonNode spec) {
    String text = spec.toString();
    turns.requireRoom(bytes(text));
    jdbc.sql(
            """
            insert into models (name, spec, revision, next_version, created_at, updated_at,
              spec_bytes, owner, owner_name, grants_production)
            values (:name, :spec, 1, 1, :now, :now, :bytes, :owner, :owner_name, true)\
            """)
        .param("name", name)
        .param("spec", text)
        .param("now", Timestamps.now(clock))
        .param("bytes", bytes(text))
        .param("owner", Identity.current().owner())
        .param("owner_name", Identity.current().ownerName())
        .update();
  }

  private static long bytes(String spec) {
    return spec.getBytes(StandardCharsets.UTF_8).length;
  }

  /** What a model object already takes of the caller's room. */
  private long ownBytes(String name) {
    return jdbc.sql("select spec_bytes from models where name = :name and owner = :owner")
        .param("name", name)
        .param("owner", Identity.current().owner())
        .query(Long.class)
        .optional()
        .orElse(0L);
  }

  Optional<Model> find(String name) {
    return jdbc.sql(MODELS + " where m.name = :name")
        .param("name", name)
        .query(ModelTable::readModel)
        .optional()
        .map(this::withAliases);
  }

  /**
   * Newest first.
   *
   * @param bound to the only models to list
   */
  List<Model> list(int limit, @Nullable Long before, Binding bound) {
    Map<String, Object> names = new HashMap<>();
    return jdbc
        .sql(
            MODELS
                + " where m.id < :before"
                + BoundNames.and(bound, "m.name", names)
                + " order by m.id desc fetch first :limit rows only")
        .params(names)
        .param("before", before == null ? Long.MAX_VALUE : before)
        .param("limit", limit)
        .query(ModelTable::readModel)
        .list()
        .stream()
        .map(this::withAliases)
        .toList();
  }

  private static Model readModel(ResultSet row, int number) throws SQLException {
    int latest = row.getInt("latest");
    boolean none = row.wasNull();
    return new Model(
        row.getLong("id"),
        row.getString("name"),
        Json.read(row.getString("spec")),
        none ? null : (Integer) latest,
        List.of(),
        row.getInt("revision"),
        Timestamps.instant(row, "created_at"),
        Timestamps.instant(row, "updated_at"),
        LabelColumns.read(row));
  }

  /**
   * The models of a selection, in its order.
   *
   * @param refused the references of versions that do not answer
   * @param bound to the only models to list
   */
  List<Placed<Model>> select(
      Selection selection, Set<String> refused, @Nullable String after, int limit, Binding bound) {
    Selection.Order order = selection.order();
    String sorted = order == null ? "m.id" : member(order.key());
    boolean byReadiness = sorted.equals(DEFAULT_VERSION);
    Map<String, Object> parameters = new HashMap<>();
    List<Ordered.Key> keys =
        jdbc.sql(
                "select m.id, m.name, %s as sorted_by from models m where 1 = 1%s%s"
                    .formatted(
                        sorted,
                        BoundNames.and(bound, "m.name", parameters),
                        LabelTables.of(Labelled.MODEL)
                            .and(selection, "m", "m.created_at", parameters)))
            .params(parameters)
            .query(
                (row, _) ->
                    new Ordered.Key(
                        row.getLong("id"),
                        byReadiness ? isReady(row, refused) : SortedBy.read(row)))
            .list();
    return Ordered.page(keys, order, after, limit, this::byId);
  }

  private static Boolean isReady(ResultSet row, Set<String> refused) throws SQLException {
    int version = row.getInt("sorted_by");
    return !row.wasNull()
        && !refused.contains(ModelVersion.reference(row.getString("name"), version));
  }

  private static String member(String key) {
    return switch (key) {
      case "name", "created_at", "updated_at", "description", "archived" -> "m." + key;
      case "owner" -> "m.owner_name";
      case "latest_version" -> LATEST;
      case "ready" -> DEFAULT_VERSION;
      default ->
          throw SortedBy.unknown(
              key,
              "name, latest_version, ready, created_at, updated_at, owner, description or archived");
    };
  }

  private Map<Long, Model> byId(List<Long> ids) {
    return jdbc
        .sql(MODELS + " where m.id in (:ids)")
        .param("ids", ids)
        .query(ReadableRows.list(row -> readModel(row, 0)))
        .stream()
        .collect(Collectors.toMap(Model::id, this::withAliases));
  }

  private Model withAliases(Model model) {
    return new Model(
        model.id(),
        model.name(),
        model.spec(),
        model.latestVersion(),
        aliases.list(model.name()),
        model.revision(),
        model.createdAt(),
        model.updatedAt(),
        model.labels());
  }

  Optional<Long> id(String name) {
    return jdbc.sql("select id from models where name = :name")
        .param("name", name)
        .query(Long.class)
        .optional();
  }

  void require(String name) {
    if (id(name).isEmpty()) {
      throw Model.notFound(name);
    }
  }

  /** Its id. Changes of one model, its versions and aliases wait for each other here. */
  long lock(String name) {
    return lockIfExists(name).orElseThrow(() -> Model.notFound(name));
  }

  Optional<Long> lockIfExists(String name) {
    return jdbc.sql("select id from models where name = :name for update")
        .param("name", name)
        .query(Long.class)
        .optional();
  }

  /** Whether the next version gets production: the model has none, and never had the alias. */
  boolean grantsProduction(long id) {
    return jdbc.sql(
                """
            select count(*) from models m where m.id = :id and m.grants_production = true
              and not exists (select 1 from model_versions v where v.model_id = m.id)\
            """)
            .param("id", id)
            .query(Integer.class)
            .single()
        > 0;
  }

  void delete(long id) {
    jdbc.sql("delete from models where id = :id").param("id", id).update();
  }
}
