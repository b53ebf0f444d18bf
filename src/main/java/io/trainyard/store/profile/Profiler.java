package io.trainyard.store.profile;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.StoredValue;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Profiles the columns of a Parquet file: statistics, frequent values and labels. */
public final class Profiler {
  /** Up to this many different values are counted exactly and stored. */
  static final int FEW = 1000;

  /** Up to how many characters the different texts of all columns may have to be stored. */
  static final long LABEL_CHARS = 64 << 20;

  private static final int TOP = 10;

  /** Up to this many values in the file, quantiles and distinct counts are exact. */
  private static final long EXACT_UP_TO = 1_000_000;

  /**
   * Columns that are profiled together by DuckDB. It plans one query over the aggregates of all
   * columns with memory that grows with their square: 250 columns took more than a task has, and
   * 500 overflowed the native stack and ended the process. A {@link WideTable} has more columns.
   */
  private static final int TOGETHER = 50;

  private static final String SLICE = "profiled_columns";

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final boolean quantiles;

  private Profiler(DuckDb duck, String source, long rows, boolean quantiles) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.quantiles = quantiles;
  }

  /**
   * A profiler of a whole version.
   *
   * @param source what follows {@code from} in a query
   */
  public static Profiler ofVersion(DuckDb duck, String source, long rows) {
    return new Profiler(duck, source, rows, true);
  }

  /** A profiler of selected rows, before a job uses them; it leaves quantiles out. */
  public static Profiler ofSelection(DuckDb duck, String source, long rows) {
    return new Profiler(duck, source, rows, false);
  }

  /**
   * The columns of a new version; those that were profiled while they were written are not read.
   */
  public List<Column> profile(IngestedTable table) throws SQLException {
    List<IngestedTable.Entry> entries = table.columns();
    @Nullable Column[] profiled = new @Nullable Column[entries.size()];
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < profiled.length; i++) {
      ColumnProfile known = table.profiles().get(i);
      IngestedTable.Entry entry = entries.get(i);
      if (known == null) {
        left.add(i);
      } else {
        profiled[i] = new Column(entry.name(), entry.type(), entry.shape(), entry.whole(), known);
      }
    }
    if (!left.isEmpty()) {
      boolean exact = isExact(rows, entries.size());
      put(profiles(pick(entries, left), left, exact), left, profiled);
    }
    return Stream.of(profiled).map(Objects::requireNonNull).toList();
  }

  /** The columns with their profiles; {@code indices} says where they are in the file. */
  public List<Column> profile(List<IngestedTable.Entry> columns, List<Integer> indices)
      throws SQLException {
    return profiles(columns, indices, isExact(rows, columns.size()));
  }

  private List<Column> profiles(
      List<IngestedTable.Entry> columns, List<Integer> indices, boolean exact) throws SQLException {
    if (columns.size() <= TOGETHER) {
      return profile(columns, indices, exact);
    }
    List<Integer> tensors = new ArrayList<>();
    List<Integer> scalars = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      (columns.get(i).type() == ColumnType.TENSOR ? tensors : scalars).add(i);
    }
    @Nullable Column[] profiled = new @Nullable Column[columns.size()];
    for (int from = 0; from < tensors.size(); from += TOGETHER) {
      List<Integer> some = tensors.subList(from, Math.min(from + TOGETHER, tensors.size()));
      put(slice(pick(columns, some), pick(indices, some), exact), some, profiled);
    }
    WideTable wide =
        new WideTable(duck, source, rows, PassLimits.of(columns.size(), quantiles, exact));
    for (int from = 0; from < scalars.size(); from += wide.together()) {
      List<Integer> some = scalars.subList(from, Math.min(from + wide.together(), scalars.size()));
      put(wide.profile(pick(columns, some), pick(indices, some)), some, profiled);
    }
    return Stream.of(profiled).map(Objects::requireNonNull).toList();
  }

  /** Whether quantiles and numbers of different values are exact in a table of this size. */
  static boolean isExact(long rows, int columns) {
    return rows * columns <= EXACT_UP_TO;
  }

  /** A column with the profile that a pass over all its rows has made. */
  static Column column(IngestedTable.Entry column, ColumnPass pass, boolean exact, long rows) {
    return column(
        column,
        pass.statistics(),
        pass.counted(),
        !exact,
        !exact && rows > ColumnStatistics.SAMPLE);
  }

  private static <T> List<T> pick(List<T> from, List<Integer> places) {
    return places.stream().map(from::get).toList();
  }

  private static void put(List<Column> found, List<Integer> places, @Nullable Column[] into) {
    for (int i = 0; i < found.size(); i++) {
      into[places.get(i)] = found.get(i);
    }
  }

  /**
   * Copies some columns of tensors before it profiles them: the queries for single columns would
   * each read the description of all columns of the file.
   */
  private List<Column> slice(
      List<IngestedTable.Entry> columns, List<Integer> indices, boolean exact) throws SQLException {
    String names =
        indices.stream().map(IngestedTable::storedName).collect(Collectors.joining(", "));
    duck.execute("create temp table " + SLICE + " as select " + names + " from " + source);
    try {
      return new Profiler(duck, SLICE, rows, quantiles).profile(columns, indices, exact);
    } finally {
      duck.execute("drop table " + SLICE);
    }
  }

  private List<Column> profile(
      List<IngestedTable.Entry> columns, List<Integer> indices, boolean exact) throws SQLException {
    List<ColumnStatistics> statistics =
        ColumnStatistics.query(
            duck, source, columns, indices, new ColumnStatistics.Options(quantiles, exact));
    List<Column> profiled = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      String stored = IngestedTable.storedName(indices.get(i));
      profiled.add(
          columns.get(i).type() == ColumnType.TENSOR
              ? tensor(columns.get(i), stored, statistics.get(i))
              : scalar(columns.get(i), stored, statistics.get(i), exact));
    }
    return profiled;
  }

  private Column scalar(
      IngestedTable.Entry column, String stored, ColumnStatistics statistics, boolean exact)
      throws SQLException {
    boolean few =
        statistics.distinct() <= FEW + FEW / 5
            && statistics.distinct() * statistics.longest() <= LABEL_CHARS / TOGETHER;
    List<ColumnProfile.Top> counted = few ? counted(column, stored) : null;
    return column(
        column,
        statistics,
        counted != null && counted.size() <= FEW ? counted : null,
        !exact,
        !exact && rows > ColumnStatistics.SAMPLE);
  }

  /**
   * A column with its profile.
   *
   * @param counted all values by decreasing frequency; null if there are many
   * @param distinctEstimated whether the number of many values is an estimate
   * @param sampled whether quantiles are estimates
   */
  private static Column column(
      IngestedTable.Entry column,
      ColumnStatistics statistics,
      @Nullable List<ColumnProfile.Top> counted,
      boolean distinctEstimated,
      boolean sampled) {
    List<String> estimated = new ArrayList<>();
    if (counted == null && distinctEstimated) {
      estimated.add(ColumnProfile.DISTINCT);
    }
    if (statistics.quantiles() != null && sampled) {
      estimated.add(ColumnProfile.QUANTILES);
    }
    ColumnProfile profile =
        new ColumnProfile(
            statistics.nulls(),
            counted == null ? statistics.distinct() : counted.size(),
            statistics.min(),
            statistics.max(),
            statistics.mean(),
            statistics.std(),
            statistics.quantiles(),
            counted == null ? List.of() : counted.subList(0, Math.min(TOP, counted.size())),
            estimated,
            counted == null
                ? null
                : counted.stream().map(top -> StoredValue.label(top.item())).toList());
    return new Column(column.name(), column.type(), null, column.whole(), profile);
  }

  /** The values by decreasing frequency; at most one more than {@link #FEW}. */
  private List<ColumnProfile.Top> counted(IngestedTable.Entry column, String stored)
      throws SQLException {
    return duck.query(
        """
        select %1$s, count(*) as n from %2$s
        where %1$s is not null group by 1 order by n desc, 1 limit %3$d\
        """
            .formatted(stored, source, FEW + 1),
        rows -> {
          List<ColumnProfile.Top> counted = new ArrayList<>();
          while (rows.next()) {
            Object item = StoredValue.read(rows, 1, column.type());
            if (item != null) {
              counted.add(new ColumnProfile.Top(item, rows.getLong(2)));
            }
          }
          return counted;
        });
  }

  private Column tensor(IngestedTable.Entry column, String stored, ColumnStatistics statistics)
      throws SQLException {
    ColumnProfile profile =
        duck.query(
            """
            select min(e), max(e), avg(e), stddev_pop(e)
            from (select unnest(%s) as e from %s)\
            """
                .formatted(stored, source),
            row -> {
              row.next();
              Object min = row.getObject(1);
              Object max = row.getObject(2);
              return new ColumnProfile(
                  statistics.nulls(),
                  0,
                  min,
                  max,
                  ColumnStatistics.finite(row.getObject(3)),
                  ColumnStatistics.finite(row.getObject(4)),
                  null,
                  List.of(),
                  List.of(),
                  null);
            });
    return new Column(column.name(), column.type(), column.shape(), column.whole(), profile);
  }
}
