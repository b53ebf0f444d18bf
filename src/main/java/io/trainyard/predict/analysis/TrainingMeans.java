package io.trainyard.predict.analysis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.Scaling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The mean row of what a version was trained on. The mean of a standardized column, and of times,
 * is known to its encoding; other columns have the mean, and the shares of categories, of the whole
 * dataset.
 */
@Component
public final class TrainingMeans {
  private static final int MOST_TIMES = 10_000;

  private final DatasetCatalogue datasets;
  private final DatasetRows rows;

  /** Found by reading a whole dataset. */
  private final Cache<TimeColumn, Double> times =
      Caffeine.newBuilder().maximumSize(MOST_TIMES).executor(Runnable::run).build();

  public TrainingMeans(DatasetCatalogue datasets, DatasetRows rows) {
    this.datasets = datasets;
    this.rows = rows;
  }

  private record TimeColumn(long version, String column) {}

  /** The mean of a column is not known. */
  static final class UnknownMeanException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownMeanException(ModelVersion version, String column) {
      super(
          "The mean of column '%s' is not known: %s has no dataset any more"
              .formatted(column, version.reference()));
    }
  }

  /** The encoded mean of a row, or of a row of a window. */
  double[] of(ModelVersion version, InputEncoding input) throws UnknownMeanException {
    double[] mean = new double[input.rowWidth()];
    DatasetVersion dataset = dataset(version);
    int at = 0;
    for (ColumnEncoding column : input.columns()) {
      int end = at + column.width();
      switch (column) {
        case ColumnEncoding.Numeric number
            when number.scaling() instanceof Scaling.Standard && number.isUndone() -> {
          // Scaled, its mean is 0.
        }
        case ColumnEncoding.Numeric number -> {
          Double own =
              number.isTime()
                  ? time(version, number)
                  : profile(dataset, number.column()).map(ColumnProfile::mean).orElse(null);
          if (own == null) {
            throw new UnknownMeanException(version, number.column());
          }
          number.fillIn(own, mean, at);
          if (number.traits().indicator()) {
            mean[end - 1] = missing(dataset, number.column());
          }
        }
        case ColumnEncoding.Category category -> {
          if (dataset == null || dataset.column(category.column()).isEmpty()) {
            throw new UnknownMeanException(version, category.column());
          }
          shares(category, dataset, mean, at);
        }
      }
      at = end;
    }
    return mean;
  }

  /**
   * The mean of a column of times, in seconds since 1970: of the training rows, or of the dataset
   * of a version published before it was kept. Null where neither is known.
   */
  public @Nullable Double time(ModelVersion version, ColumnEncoding.Numeric column) {
    double known = column.known().mean();
    if (Double.isFinite(known)) {
      return known;
    }
    TimeColumn place = new TimeColumn(version.id(), column.column());
    Double found = times.getIfPresent(place);
    if (found == null) {
      found = mean(version, column);
      if (found != null) {
        times.put(place, found);
      }
    }
    return found;
  }

  private @Nullable Double mean(ModelVersion version, ColumnEncoding.Numeric column) {
    DatasetVersion dataset = dataset(version);
    if (dataset == null || dataset.column(column.column()).isEmpty()) {
      return null;
    }
    double[] sum = new double[1];
    long[] count = new long[1];
    rows.scan(
        dataset,
        null,
        List.of(column.column()),
        chunk -> {
          ColumnValues values = chunk.column(column.column());
          for (int row = 0; row < chunk.count(); row++) {
            if (!values.isMissing(row)) {
              sum[0] += column.element(values, row);
              count[0]++;
            }
          }
        });
    return count[0] == 0 ? null : (Double) (sum[0] / count[0]);
  }

  private @Nullable DatasetVersion dataset(ModelVersion version) {
    return version.provenance() instanceof Provenance.Trained trained
        ? trained.datasetIn(datasets).orElse(null)
        : null;
  }

  private static Optional<ColumnProfile> profile(@Nullable DatasetVersion dataset, String column) {
    return dataset == null ? Optional.empty() : dataset.column(column).map(Column::profile);
  }

  /** The share of the rows without a value. */
  private static double missing(@Nullable DatasetVersion dataset, String column) {
    return dataset == null
        ? 0
        : profile(dataset, column)
            .map(profile -> (double) profile.nulls() / Math.max(1, dataset.rows()))
            .orElse(0.0);
  }

  /** The share of each category; those that are not among the frequent ones share the rest. */
  private static void shares(
      ColumnEncoding.Category category, DatasetVersion dataset, double[] mean, int at) {
    ColumnProfile profile = dataset.column(category.column()).orElseThrow().profile();
    Map<String, Long> counts = new HashMap<>();
    for (ColumnProfile.Top top : profile.top()) {
      counts.put(String.valueOf(top.item()), top.count());
    }
    List<String> names = category.categories();
    long total = Math.max(1, dataset.rows() - profile.nulls());
    long counted = names.stream().mapToLong(name -> counts.getOrDefault(name, 0L)).sum();
    long others = names.stream().filter(name -> !counts.containsKey(name)).count();
    // Values that are no categories share the last element, where there is one for them.
    boolean shared =
        category.unknown() == InputSpec.Unknown.INDEX && profile.distinct() > names.size();
    others += shared ? 1 : 0;
    double rest = (double) (total - counted) / total / Math.max(1, others);
    boolean sign = category.form() == ColumnEncoding.Form.SIGN;
    double missing = category.missing() ? missing(dataset, category.column()) : 0;
    // Where something fills in, the most frequent category has more than its share of these.
    double given = category.fill() == null ? 1 - missing : 1;
    for (int i = 0; i < names.size(); i++) {
      Long count = counts.get(names.get(i));
      double share = given * (count == null ? rest : (double) count / total);
      mean[at + category.elementOf(i)] += sign ? share * category.numberOf(i) : share;
    }
    if (shared) {
      mean[at + names.size()] = given * rest;
    }
    if (category.missing()) {
      mean[at + category.width() - 1] = missing;
    }
  }
}
