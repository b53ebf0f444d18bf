package io.trainyard.store.dataset;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.dataset.DatasetCatalogue.Creation;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.label.Labelled;
import io.trainyard.label.Ordered;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.store.access.BoundNames;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.store.label.LabelTables;
import io.trainyard.store.label.SortedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The table of dataset versions. */
final class DatasetVersionTable {
  private static final int ATTEMPTS = 5;

  private static final String VERSIONS =
      """
      select d.id, v.name, v.version, v.document, v.created_at,
        v.description, v.tags, v.archived, v.owner_name
      from dataset_versions v join datasets d on d.name = v.name\
      """;

  /** Of the caller, or of the job whose owner it is. */
  private static final String OWNER_NAME =
      "coalesce(:owner_name, (select max(j.owner_name) from jobs j where j.owner = :owner))";

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JdbcDatasetHolds holds;
  private final Clock clock;
  private final QuotaTurns turns;

  DatasetVersionTable(
      JdbcClient jdbc, TransactionTemplate transaction, JdbcDatasetHolds holds, Clock clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.holds = holds;
    this.clock = clock;
    this.turns = new QuotaTurns(jdbc);
  }

  Optional<DatasetVersion> findByDigest(String name, String digest) {
    return jdbc.sql(VERSIONS + " where v.name = :name and v.digest = :digest")
        .param("name", name)
        .param("digest", digest)
        .query(DatasetVersionTable::readVersion)
        .optional();
  }

  /**
   * A version of any dataset with these bytes.
   *
   * @param binding the datasets among which it is looked for
   */
  Optional<DatasetVersion> findByDigest(String digest, Binding binding) {
    Map<String, Object> parameters = new HashMap<>(Map.of("digest", digest));
    return jdbc.sql(
            VERSIONS
                + " where v.digest = :digest"
                + BoundNames.and(binding, "v.name", parameters)
                + " fetch first 1 rows only")
        .params(parameters)
        .query(DatasetVersionTable::readVersion)
        .optional();
  }

  /** Inserts the next version, or finds one that a concurrent upload of the same bytes inserted. */
  Creation insert(String name, String digest, DatasetVersion made) {
    String owner = Identity.current().owner();
    for (int attempt = 1; ; attempt++) {
      try {
        int version =
            turns.call(() -> transaction.execute(_ -> insertOnce(name, digest, made, owner)));
        return new Creation(find(name, version).orElseThrow(), true);
      } catch (DuplicateKeyException e) {
        Optional<DatasetVersion> known = findByDigest(name, digest);
        if (known.isPresent()) {
          return new Creation(known.get(), false);
        }
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Inserts the next version, or finds one with these bytes. Joins the caller's transaction. */
  DatasetVersion insertJoined(
      String name, String digest, DatasetVersion made, @Nullable String owner) {
    return findByDigest(name, digest)
        .orElseGet(() -> find(name, insertOnce(name, digest, made, owner)).orElseThrow());
  }

  private int insertOnce(String name, String digest, DatasetVersion made, @Nullable String owner) {
    // A body without a declared length is as large as it turns out to be.
    turns.requireRoom(made.bytes());
    int updated =
        jdbc.sql("update datasets set last_version = last_version + 1 where name = :name")
            .param("name", name)
            .update();
    if (updated == 0) {
      jdbc.sql(
              "insert into datasets (name, last_version, owner_name) values (:name, 1, "
                  + OWNER_NAME
                  + ")")
          .param("name", name)
          .param("owner", owner)
          .param("owner_name", Identity.current().ownerName())
          .update();
    }
    int version =
        jdbc.sql("select last_version from datasets where name = :name")
            .param("name", name)
            .query(Integer.class)
            .single();
    jdbc.sql(
            """
            insert into dataset_versions (name, version, digest, document, created_at, owner,
              stored_bytes, owner_name)
            values (:name, :version, :digest, :document, :now, :owner, :bytes, %s)\
            """
                .formatted(OWNER_NAME))
        .param("name", name)
        .param("version", version)
        .param("digest", digest)
        .param("document", DatasetDocument.write(made))
        .param("owner", owner)
        .param("owner_name", Identity.current().ownerName())
        .param("bytes", made.bytes())
        .param("now", Timestamps.now(clock))
        .update();
    JdbcIdempotencyKeys.created(
        jdbc, new Created(Created.Kind.DATASET_VERSION, name + "@" + version));
    return version;
  }

  private static DatasetVersion readVersion(ResultSet row, int number) throws SQLException {
    return DatasetDocument.read(
            row.getString("name"),
            row.getInt("version"),
            row.getString("document"),
            Timestamps.instant(row, "created_at"))
        .with(LabelColumns.read(row));
  }

  Optional<DatasetVersion> find(String name, int version) {
    return jdbc.sql(VERSIONS + " where v.name = :name and v.version = :version")
        .param("name", name)
        .param("version", version)
        .query(DatasetVersionTable::readVersion)
        .optional();
  }

  Optional<DatasetVersion> findLatest(String name) {
    return jdbc.sql(
            VERSIONS + " where v.name = :name order by v.version desc fetch first 1 rows only")
        .param("name", name)
        .query(DatasetVersionTable::readVersion)
        .optional();
  }

  private static final String NEWEST =
      " v.version = (select max(o.version) from dataset_versions o where o.name = v.name)";

  /** The columns of members by which versions are sorted. */
  private static final Map<String, String> MEMBERS =
      Map.of(
          "name", "v.name",
          "version", "v.version",
          "created_at", "v.created_at",
          "bytes", "v.stored_bytes",
          "owner", "%s.owner_name",
          "description", "%s.description",
          "archived", "%s.archived");

  /** Members of the document by which versions are sorted. */
  private static final Set<String> IN_DOCUMENT =
      Set.of("format", "sha256", "rows", "rejected_rows");

  private static final String KNOWN =
      "name, version, created_at, format, sha256, rows, rejected_rows, bytes, owner, description or"
          + " archived";

  /**
   * The newest versions of the datasets of a selection, in its order, with the labels of the
   * datasets.
   *
   * @param bound to the only datasets to list
   */
  List<Placed<DatasetVersion>> select(
      Selection selection, @Nullable String after, int limit, Binding bound) {
    Map<String, Object> parameters = new HashMap<>();
    String conditions =
        BoundNames.and(bound, "v.name", parameters)
            + LabelTables.of(Labelled.DATASET).and(selection, "d", "v.created_at", parameters);
    List<Ordered.Key> keys =
        jdbc.sql(
                "select d.id as number, %s as sorted_by from dataset_versions v join datasets d on d.name = v.name where%s%s"
                    .formatted(member(selection.order(), "d"), NEWEST, conditions))
            .params(parameters)
            .query(keys(selection.order()))
            .list();
    return Ordered.page(keys, selection.order(), after, limit, this::newest);
  }

  /** Reads what a version is sorted by. */
  private static RowMapper<Ordered.Key> keys(Selection.@Nullable Order order) {
    String member = order != null && IN_DOCUMENT.contains(order.key()) ? order.key() : null;
    return (row, _) ->
        new Ordered.Key(
            row.getLong("number"),
            member == null ? SortedBy.read(row) : SortedBy.member(row, member));
  }

  /** The column that an order sorts by. */
  private static String member(Selection.@Nullable Order order, String labelled) {
    if (order == null) {
      return "v.version";
    }
    if (IN_DOCUMENT.contains(order.key())) {
      return "v.document";
    }
    String column = MEMBERS.get(order.key());
    if (column == null) {
      throw SortedBy.unknown(order.key(), KNOWN);
    }
    return column.formatted(labelled);
  }

  private Map<Long, DatasetVersion> newest(List<Long> datasets) {
    Map<Long, DatasetVersion> found = new HashMap<>();
    jdbc.sql(
            "select d.id, v.name, v.version, v.document, v.created_at, %s from dataset_versions v join datasets d on d.name = v.name where d.id in (:ids) and%s"
                .formatted(LabelColumns.of("d."), NEWEST))
        .param("ids", datasets)
        .query(ReadableRows.list(row -> Map.entry(row.getLong("id"), readVersion(row, 0))))
        .forEach(dataset -> found.put(dataset.getKey(), dataset.getValue()));
    return found;
  }

  /** The versions of a selection, in its order. */
  List<Placed<DatasetVersion>> selectVersions(
      String name, Selection selection, @Nullable String after, int limit) {
    if (findLatest(name).isEmpty()) {
      throw notFound(name);
    }
    Map<String, Object> parameters = new HashMap<>(Map.of("name", name));
    String conditions =
        LabelTables.of(Labelled.DATASET_VERSION).and(selection, "v", "v.created_at", parameters);
    List<Ordered.Key> keys =
        jdbc.sql(
                "select v.version as number, %s as sorted_by from dataset_versions v where v.name = :name%s"
                    .formatted(member(selection.order(), "v"), conditions))
            .params(parameters)
            .query(keys(selection.order()))
            .list();
    return Ordered.page(keys, selection.order(), after, limit, numbers -> byNumber(name, numbers));
  }

  private Map<Long, DatasetVersion> byNumber(String name, List<Long> numbers) {
    return jdbc
        .sql(VERSIONS + " where v.name = :name and v.version in (:numbers)")
        .param("name", name)
        .param("numbers", numbers)
        .query(ReadableRows.list(row -> readVersion(row, 0)))
        .stream()
        .collect(Collectors.toMap(version -> (long) version.version(), version -> version));
  }

  private static ServiceException notFound(String name) {
    return new ServiceException(ErrorCode.DATASET_NOT_FOUND, "There is no dataset '" + name + "'");
  }

  void delete(String name, int version) {
    int deleted =
        transaction.execute(
            _ -> {
              holds.check(name, version);
              return jdbc.sql(
                      "delete from dataset_versions where name = :name and version = :version")
                  .param("name", name)
                  .param("version", version)
                  .update();
            });
    if (deleted == 0) {
      throw notFound(name + "@" + version);
    }
  }

  String digest(DatasetVersion version) {
    return jdbc.sql("select digest from dataset_versions where name = :name and version = :version")
        .param("name", version.name())
        .param("version", version.version())
        .query(String.class)
        .optional()
        .orElseThrow(() -> notFound(version.reference()));
  }

  /** Out of some digests, those that versions reference. */
  Set<String> referenced(Collection<String> digests) {
    return new HashSet<>(
        jdbc.sql("select digest from dataset_versions where digest in (:digests)")
            .param("digests", digests)
            .query(String.class)
            .list());
  }
}
