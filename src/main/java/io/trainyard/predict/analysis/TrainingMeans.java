package io.trainyard.predict.analysis;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.ServiceException;
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
 * The mean row of what a version was trained on. The mean of a standardized column is known to its
 * encoding; other columns have the mean, and the shares of categories, of the whole dataset.
 */
@Component
public final class TrainingMeans {
  private final DatasetCatalogue datasets;

  public TrainingMeans(DatasetCatalogue datasets) {
    this.datasets = datasets;
  }

  /**
   * The encoded mean of a row, or of a row of a window.
   *
   * @throws ServiceException when it is not known
   */
  double[] of(ModelVersion version, InputEncoding input) {
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
          Double own = profile(dataset, number.column()).map(ColumnProfile::mean).orElse(null);
          if (own == null && number.isTime()) {
            throw ServiceException.invalid(
                "/explain",
                "The mean of the times in column '%s' is not known; ask for \"baseline\": \"zeros\", which is 1970"
                    .formatted(number.column()));
          }
          if (own == null) {
            throw unknown(version, number.column());
          }
          number.fillIn(own, mean, at);
          if (number.traits().indicator()) {
            mean[end - 1] = missing(dataset, number.column());
          }
        }
        case ColumnEncoding.Category category -> {
          if (dataset == null || dataset.column(category.column()).isEmpty()) {
            throw unknown(version, category.column());
          }
          shares(category, dataset, mean, at);
        }
      }
      at = end;
    }
    return mean;
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

  private static ServiceException unknown(ModelVersion version, String column) {
    return ServiceException.invalid(
        "/explain",
        "The mean of column '%s' is not known: %s has no dataset any more; ask for \"baseline\": \"zeros\""
            .formatted(column, version.reference()));
  }
}
