package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Labelled;
import io.trainyard.label.Ordered;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.spec.training.Metric;
import io.trainyard.store.access.Holders;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.store.label.LabelTables;
import io.trainyard.store.label.SortedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The table of model versions. Callers hold the model's lock for every change. */
final class VersionTable {
  private static final String METRICS = "v.metrics";

  private static final String VERSIONS =
      """
      select v.id, m.name as model, v.version, v.spec, v.encoding, v.metrics, v.provenance,
        v.weights_sha256, v.weights_bytes, v.created_at,
        v.description, v.tags, v.archived, v.owner_name
      from model_versions v join models m on m.id = v.model_id
      where m.name = :model
      """;

  private final JdbcClient jdbc;
  private final JdbcModelHolds holds;
  private final Clock clock;
  private final QuotaTurns turns;

  VersionTable(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.holds = new JdbcModelHolds(jdbc);
    this.clock = clock;
    this.turns = new QuotaTurns(jdbc);
  }

  ModelVersion insert(long model, NewVersion version) {
    jdbc.sql("update models set next_version = next_version + 1 where id = :id")
        .param("id", model)
        .update();
    int number =
        jdbc.sql("select next_version - 1 from models where id = :id")
            .param("id", model)
            .query(Integer.class)
            .single();
    try {
      insert(model, number, version);
    } catch (DuplicateKeyException e) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          version.provenance().jobId() == null
              ? "Version %d of '%s' is there already".formatted(number, version.model())
              : "The job " + version.provenance().jobId() + " has published already",
          e);
    }
    ModelVersion published = find(version.model(), number).orElseThrow();
    for (long needed : version.needs()) {
      jdbc.sql("insert into version_needs (version_id, needed_id) values (:version, :needed)")
          .param("version", published.id())
          .param("needed", needed)
          .update();
    }
    return published;
  }

  private void insert(long model, int number, NewVersion version) {
    turns.requireRoom(version.weights().bytes());
    jdbc.sql(
            """
            insert into model_versions (model_id, version, spec, encoding, metrics, provenance,
              job, weights_sha256, weights_bytes, created_at, owner, owner_name)
            values (:model, :version, :spec, :encoding, :metrics, :provenance,
              :job, :sha256, :bytes, :now,
              coalesce((select owner from jobs where id = :job), :owner),
              coalesce((select owner_name from jobs where id = :job), :owner_name))\
            """)
        .param("model", model)
        .param("version", number)
        .param("spec", version.spec().toString())
        .param("encoding", version.encoding() == null ? null : version.encoding().toString())
        .param("metrics", version.metrics().toString())
        .param("provenance", Json.write(ProvenanceJson.of(version.provenance())))
        .param("job", version.provenance().jobId())
        .param("sha256", version.weights().sha256())
        .param("bytes", version.weights().bytes())
        .param("owner", Identity.current().owner())
        .param("owner_name", Identity.current().ownerName())
        .param("now", Timestamps.now(clock))
        .update();
  }

  Optional<ModelVersion> find(String model, int version) {
    List<ModelVersion> found =
        jdbc.sql(VERSIONS + "and v.version = :version")
            .param("model", model)
            .param("version", version)
            .query(VersionTable::version)
            .list();
    return withAliases(model, found).stream().findFirst();
  }

  /**
   * A version that knows its table. One that was published before the facts were kept has those of
   * the dataset, while it is there.
   */
  ModelVersion withTable(ModelVersion version) {
    Encoding encoding = version.learnedEncoding();
    if (!(version.provenance() instanceof Provenance.Trained trained)
        || trained.table() != null
        || encoding == null) {
      return version;
    }
    int at = trained.dataset().lastIndexOf('@');
    return jdbc.sql(
            "select document from dataset_versions where name = :name and version = :version")
        .param("name", trained.dataset().substring(0, at))
        .param("version", Integer.parseInt(trained.dataset().substring(at + 1)))
        .query(String.class)
        .optional()
        .map(document -> unread(Json.read(document), encoding))
        .map(unread -> version.with(trained.with(new TableFacts(unread, Map.of()))))
        .orElse(version);
  }

  private static List<String> unread(JsonNode dataset, Encoding encoding) {
    Set<String> read = encoding.columnNames();
    return dataset
        .path("columns")
        .valueStream()
        .map(column -> column.path("name").stringValue())
        .filter(column -> !read.contains(column))
        .toList();
  }

  /** Whose a version is. */
  record Owner(@Nullable String id, @Nullable String name) {}

  Owner owner(long version) {
    return jdbc.sql("select owner as id, owner_name as name from model_versions where id = :id")
        .param("id", version)
        .query(Owner.class)
        .single();
  }

  ModelVersion require(String model, int version) {
    return find(model, version)
        .orElseThrow(() -> ModelVersion.notFound(model, String.valueOf(version)));
  }

  Optional<ModelVersion> findLatest(String model) {
    List<ModelVersion> found =
        jdbc.sql(VERSIONS + "order by v.version desc fetch first row only")
            .param("model", model)
            .query(VersionTable::version)
            .list();
    return withAliases(model, found).stream().findFirst();
  }

  /** The versions of a selection, in its order. */
  List<Placed<ModelVersion>> select(
      String model, Selection selection, @Nullable String after, int limit) {
    Selection.Order order = selection.order();
    String member = order == null ? "v.version" : member(order.key());
    Map<String, Object> parameters = new HashMap<>(Map.of("model", model));
    List<Ordered.Key> keys =
        jdbc.sql(
                "select v.version as number, %s as sorted_by from model_versions v where v.model_id = (select m.id from models m where m.name = :model)%s"
                    .formatted(
                        member,
                        LabelTables.of(Labelled.MODEL_VERSION)
                            .and(selection, "v", "v.created_at", parameters)))
            .params(parameters)
            .query((row, _) -> new Ordered.Key(row.getLong("number"), sortedBy(row, order)))
            .list();
    if (keys.stream().allMatch(key -> key.value() == null)) {
      requireMetric(model, order);
    }
    return Ordered.page(keys, order, after, limit, numbers -> byNumber(model, numbers));
  }

  private static String member(String key) {
    return switch (key) {
      case "version", "created_at", "description", "archived" -> "v." + key;
      case "model" -> "v.model_id";
      case "bytes" -> "v.weights_bytes";
      case "owner" -> "v.owner_name";
      case "quarantine" ->
          "(select s.quarantine from version_serving s where s.version_id = v.id and s.unloaded = true)";
      default -> METRICS;
    };
  }

  private static @Nullable Comparable<?> sortedBy(ResultSet row, Selection.@Nullable Order order)
      throws SQLException {
    return order == null || !member(order.key()).equals(METRICS)
        ? SortedBy.read(row)
        : SortedBy.member(row, order.key());
  }

  /** A name that no version has is a mistake; one may measure a metric of the service later. */
  private void requireMetric(String model, Selection.@Nullable Order order) {
    if (order == null || !member(order.key()).equals(METRICS) || Metric.names(order.key())) {
      return;
    }
    boolean measured =
        jdbc
            .sql(
                "select v.metrics as sorted_by from model_versions v where v.model_id = (select m.id from models m where m.name = :model)")
            .param("model", model)
            .query((row, _) -> Optional.ofNullable(SortedBy.member(row, order.key())))
            .list()
            .stream()
            .anyMatch(Optional::isPresent);
    if (!measured) {
      throw SortedBy.unknown(
          order.key(),
          "version, model, created_at, bytes, owner, description, archived, quarantine or a metric");
    }
  }

  private Map<Long, ModelVersion> byNumber(String model, List<Long> numbers) {
    List<ModelVersion> found =
        jdbc.sql(VERSIONS + "and v.version in (:numbers)")
            .param("model", model)
            .param("numbers", numbers)
            .query(ReadableRows.list(row -> version(row, 0)));
    return withAliases(model, found).stream()
        .collect(Collectors.toMap(version -> (long) version.version(), version -> version));
  }

  List<Integer> numbers(String model, int limit) {
    return jdbc.sql(
            """
            select v.version from model_versions v
            join models m on m.id = v.model_id
            where m.name = :model
            order by v.version desc fetch first :limit rows only\
            """)
        .param("model", model)
        .param("limit", limit)
        .query(Integer.class)
        .list();
  }

  boolean isOnly(long model) {
    return jdbc.sql("select count(*) from model_versions where model_id = :model")
            .param("model", model)
            .query(Integer.class)
            .single()
        == 1;
  }

  void delete(ModelVersion version) {
    if (!version.aliases().isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          "The alias '%s' points at %s; move or delete it first"
              .formatted(version.aliases().getFirst(), version.reference()));
    }
    checkNotNeeded(List.of(version.id()));
    deleteRows(List.of(version.id()));
  }

  void deleteAll(long model) {
    List<Long> ids =
        jdbc.sql("select id from model_versions where model_id = :model")
            .param("model", model)
            .query(Long.class)
            .list();
    if (!ids.isEmpty()) {
      checkNotNeeded(ids);
      deleteRows(ids);
    }
  }

  private void checkNotNeeded(List<Long> ids) {
    holds.checkVersions(ids);
    List<String> needing =
        jdbc.sql(
                """
                select m.name || '@' || v.version from version_needs n
                join model_versions v on v.id = n.version_id
                join models m on m.id = v.model_id
                where n.needed_id in (:ids) and n.version_id not in (:ids)
                order by n.version_id\
                """)
            .param("ids", ids)
            .query(String.class)
            .list();
    if (!needing.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          "It is nested in %s: delete that first".formatted(Holders.versions(needing)));
    }
  }

  private void deleteRows(List<Long> ids) {
    jdbc.sql("delete from version_needs where version_id in (:ids)").param("ids", ids).update();
    jdbc.sql("delete from model_versions where id in (:ids)").param("ids", ids).update();
  }

  private static ModelVersion version(ResultSet row, int number) throws SQLException {
    String encoding = row.getString("encoding");
    Provenance provenance = ProvenanceJson.read(Json.read(row.getString("provenance")));
    return new ModelVersion(
        row.getLong("id"),
        row.getString("model"),
        row.getInt("version"),
        Json.read(row.getString("spec")),
        encoding == null ? null : Json.read(encoding),
        Json.read(row.getString("metrics")),
        provenance,
        new StoredWeights(row.getString("weights_sha256"), row.getLong("weights_bytes")),
        List.of(),
        Timestamps.instant(row, "created_at"),
        LabelColumns.read(row));
  }

  private List<ModelVersion> withAliases(String model, List<ModelVersion> versions) {
    if (versions.isEmpty()) {
      return versions;
    }
    Map<Integer, List<String>> names = new HashMap<>();
    jdbc.sql(
            """
            select a.version, a.name from aliases a join models m on m.id = a.model_id
            where m.name = :model order by a.name\
            """)
        .param("model", model)
        .query(
            row -> {
              names
                  .computeIfAbsent(row.getInt("version"), v -> new ArrayList<>())
                  .add(row.getString("name"));
            });
    return versions.stream()
        .map(
            v ->
                new ModelVersion(
                    v.id(),
                    v.model(),
                    v.version(),
                    v.spec(),
                    v.encoding(),
                    v.metrics(),
                    v.provenance(),
                    v.weights(),
                    names.getOrDefault(v.version(), List.of()),
                    v.createdAt(),
                    v.labels()))
        .toList();
  }
}
