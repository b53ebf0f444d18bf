package io.trainyard.dataset;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Labels;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.tensor.Shape;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Datasets whose rows are lists. Conditions are predicates that a test registers under the text of
 * the {@code where}; hints are those that a test gives.
 */
public final class InMemoryDatasets implements DatasetCatalogue, DatasetRows {
  /** Small, so that every pass has several chunks. */
  private static final int CHUNK = 3;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Map<String, TreeMap<Integer, Stored>> datasets = new HashMap<>();
  private final Map<String, Predicate<ObjectNode>> conditions = new HashMap<>();

  private final int repeats;

  public InMemoryDatasets() {
    this(1);
  }

  /**
   * Datasets of many rows.
   *
   * @param repeats how often the rows of each follow each other
   */
  public InMemoryDatasets(int repeats) {
    this.repeats = repeats;
  }

  private record Stored(DatasetVersion version, List<ObjectNode> rows) {}

  /** Adds a version; the first line names the columns, and an empty cell is a missing value. */
  public DatasetVersion csv(String name, String text) {
    return add(name, CsvText.rows(text), List.of());
  }

  public DatasetVersion csv(String name, String text, List<Hint> hints) {
    return add(name, CsvText.rows(text), hints);
  }

  /** Adds a version from a JSON list of rows; a list in a cell is a tensor. */
  public DatasetVersion json(String name, String text) {
    List<ObjectNode> rows = new ArrayList<>();
    MAPPER.readTree(text).forEach(row -> rows.add((ObjectNode) row));
    return add(name, rows, List.of());
  }

  private DatasetVersion add(String name, List<ObjectNode> rows, List<Hint> hints) {
    TreeMap<Integer, Stored> versions = datasets.computeIfAbsent(name, _ -> new TreeMap<>());
    int number = versions.size() + 1;
    DatasetVersion version =
        new DatasetVersion(
            name,
            number,
            Upload.Format.CSV,
            // Like content, like hash.
            "%08x".formatted(rows.hashCode()).repeat(8),
            1,
            (long) rows.size() * repeats,
            0,
            repeats * rows.stream().mapToLong(row -> row.toString().length()).sum(),
            rows.getFirst().propertyNames().stream()
                .map(column -> InMemoryColumn.of(column, rows))
                .toList(),
            hints,
            Instant.EPOCH.plusSeconds(datasets.size()),
            Labels.NONE);
    versions.put(number, new Stored(version, rows));
    return version;
  }

  public void condition(String where, Predicate<ObjectNode> condition) {
    conditions.put(where, condition);
  }

  /** The rows as JSON. */
  public List<ObjectNode> rows(DatasetVersion version) {
    return rows(version, null);
  }

  private List<ObjectNode> rows(DatasetVersion version, @Nullable String where) {
    List<ObjectNode> rows =
        Objects.requireNonNull(
                Objects.requireNonNull(datasets.get(version.name())).get(version.version()))
            .rows();
    if (where == null) {
      return rows;
    }
    Predicate<ObjectNode> condition = conditions.get(where);
    if (condition == null) {
      throw new ServiceException(ErrorCode.INVALID_BODY, "unknown condition: " + where);
    }
    return rows.stream().filter(condition).toList();
  }

  @Override
  public Optional<DatasetVersion> find(String name, int version) {
    return Optional.ofNullable(datasets.get(name))
        .map(versions -> versions.get(version))
        .map(Stored::version);
  }

  @Override
  public Optional<DatasetVersion> findLatest(String name) {
    return Optional.ofNullable(datasets.get(name))
        .map(versions -> versions.lastEntry().getValue().version());
  }

  @Override
  public Selected select(DatasetVersion version, @Nullable String where, List<String> columns) {
    List<ObjectNode> rows = rows(version, where);
    return new Selected(
        (long) rows.size() * repeats,
        columns.stream().map(name -> InMemoryColumn.of(column(version, name), rows)).toList());
  }

  @Override
  public void scan(
      DatasetVersion version, @Nullable String where, List<String> columns, Consumer<Rows> reader) {
    first(version, where, columns, Integer.MAX_VALUE, reader);
  }

  @Override
  public void first(
      DatasetVersion version,
      @Nullable String where,
      List<String> columns,
      int limit,
      Consumer<Rows> reader) {
    List<ObjectNode> rows = rows(version, where).stream().limit(limit).toList();
    List<Rows> chunks = new ArrayList<>();
    for (int first = 0; first < rows.size(); first += CHUNK) {
      List<ObjectNode> chunk = rows.subList(first, Math.min(rows.size(), first + CHUNK));
      Map<String, ColumnValues> values = new LinkedHashMap<>();
      columns.forEach(
          name -> values.put(name, InMemoryColumn.values(column(version, name), chunk)));
      chunks.add(new Rows(first, chunk.size(), values));
    }
    int times = limit == Integer.MAX_VALUE ? repeats : 1;
    for (int i = 0; i < times; i++) {
      for (Rows chunk : chunks) {
        reader.accept(
            new Rows(chunk.first() + (long) i * rows.size(), chunk.count(), chunk.columns()));
      }
    }
  }

  @Override
  public List<String> distinct(
      DatasetVersion version, @Nullable String where, String column, int least, int limit) {
    List<ObjectNode> rows = rows(version, where);
    return InMemoryColumn.labels(column(version, column), rows).stream()
        .filter(
            label ->
                rows.stream().filter(row -> label.equals(row.path(column).asString(null))).count()
                    >= least)
        .limit(limit)
        .toList();
  }

  private static Column column(DatasetVersion version, String name) {
    return version.column(name).orElseThrow();
  }

  @Override
  public Creation create(Upload upload) {
    throw new UnsupportedOperationException("csv and json add datasets");
  }

  @Override
  public List<Placed<DatasetVersion>> select(
      Selection selection, @Nullable String after, int limit) {
    throw new UnsupportedOperationException("planning lists no datasets");
  }

  @Override
  public List<Placed<DatasetVersion>> selectVersions(
      String name, Selection selection, @Nullable String after, int limit) {
    throw new UnsupportedOperationException("planning lists no versions");
  }

  @Override
  public void delete(String name, int version) {
    throw new UnsupportedOperationException("planning deletes nothing");
  }

  /** The shape of nested lists. */
  static Shape shape(JsonNode tensor) {
    List<Integer> dims = new ArrayList<>();
    for (JsonNode node = tensor; node.isArray(); node = node.get(0)) {
      dims.add(node.size());
    }
    return new Shape(dims);
  }
}
