package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How one column is encoded into elements of a row's tensor. */
public sealed interface ColumnEncoding {
  String column();

  ColumnType type();

  /** The number of elements for each row. */
  int width();

  /** The shape of one row's value in a request; null for a scalar. */
  default @Nullable Shape shape() {
    return null;
  }

  /**
   * Numbers and tensors, imputed and scaled. A tensor column has one scaling for all elements.
   *
   * @param learned null until the training rows have been read
   */
  record Numeric(
      String column,
      ColumnType type,
      @Nullable Shape shape,
      Scaling scaling,
      Imputation imputation,
      @Nullable Learned learned)
      implements ColumnEncoding {
    /** The encoding before fitting; complete when nothing must be learned. */
    public static Numeric of(Column column, Scaling scaling, Imputation imputation) {
      Numeric number =
          new Numeric(column.name(), column.type(), column.shape(), scaling, imputation, null);
      return number.learns() ? number : number.learn(new Statistics(false));
    }

    @Override
    public int width() {
      return shape == null ? 1 : Math.toIntExact(shape.elements());
    }

    boolean refusesMissing() {
      return imputation instanceof Imputation.Refuse;
    }

    /** Whether scaling or imputation must be fitted to rows. */
    boolean learns() {
      return scaling.learns() || imputation.learns();
    }

    Numeric learn(Statistics statistics) {
      double fill =
          switch (imputation) {
            case Imputation.Refuse() -> Double.NaN;
            case Imputation.Text _ ->
                throw new IllegalStateException("a number cannot be filled with a text");
            case Imputation.Mean() -> statistics.mean();
            case Imputation.Median() -> statistics.count() == 0 ? 0 : statistics.median();
            case Imputation.MostFrequent() -> statistics.count() == 0 ? 0 : statistics.mode();
            case Imputation.Constant(double element) -> element;
          };
      if (!refusesMissing()) {
        statistics.impute(fill);
      }
      Affine affine = Affine.learn(scaling, statistics);
      return new Numeric(column, type, shape, scaling, imputation, new Learned(affine, fill));
    }

    /** What was fitted; known as soon as nothing must be learned. */
    public Learned known() {
      if (learned != null) {
        return learned;
      }
      if (learns()) {
        throw new IllegalStateException("column '" + column + "' has not been fitted yet");
      }
      return learn(new Statistics(false)).known();
    }
  }

  /**
   * What was fitted to the training rows.
   *
   * @param fill replaces a missing value; NaN when a missing value is an error
   */
  record Learned(Affine affine, double fill) {}

  /**
   * A category as a one-hot vector or as its index.
   *
   * @param fill replaces a missing value; null when nothing does, or until the training rows have
   *     been read
   */
  record Category(
      String column,
      ColumnType type,
      List<String> categories,
      boolean oneHot,
      Unknown unknown,
      Imputation imputation,
      @Nullable String fill,
      Map<String, Integer> positions)
      implements ColumnEncoding {
    Category(
        String column,
        ColumnType type,
        List<String> categories,
        boolean oneHot,
        Unknown unknown,
        Imputation imputation,
        @Nullable String fill) {
      this(column, type, categories, oneHot, unknown, imputation, fill, positions(categories));
    }

    Category(
        String column, ColumnType type, List<String> categories, boolean oneHot, Unknown unknown) {
      this(column, type, categories, oneHot, unknown, new Imputation.Refuse(), null);
    }

    /** Whether a missing value is an error; {@code zeros} are also what one of them becomes. */
    boolean refusesMissing() {
      return unknown != Unknown.ZEROS && imputation instanceof Imputation.Refuse;
    }

    /** The most frequent category of the training rows; of several, the first. */
    Category learn(long[] counts) {
      int most = 0;
      for (int i = 1; i < counts.length; i++) {
        most = counts[i] > counts[most] ? i : most;
      }
      return new Category(
          column, type, categories, oneHot, unknown, imputation, categories.get(most), positions);
    }

    @Override
    public int width() {
      return oneHot ? indices() : 1;
    }

    /** How many indices there are: one per category, and the one that unknown ones share. */
    public int indices() {
      return categories.size() + (unknown == Unknown.INDEX ? 1 : 0);
    }

    /** The index of a category; of an unknown one the last, or −1 when there is none for them. */
    int position(String category) {
      Integer position = positions.get(category);
      return position == null ? unknownPosition() : position;
    }

    /** The index that unknown categories share; −1 when there is none. */
    int unknownPosition() {
      return unknown == Unknown.INDEX ? categories.size() : -1;
    }

    /** The category of an index; null for the index that unknown ones share. */
    public @Nullable String category(int index) {
      return index < categories.size() ? categories.get(index) : null;
    }

    /** The index with the largest element of a one-hot vector, which begins at a place. */
    public int likeliest(HostTensor output, long at) {
      int best = 0;
      for (int i = 1; i < width(); i++) {
        best = output.doubleAt(at + i) > output.doubleAt(at + best) ? i : best;
      }
      return best;
    }

    /** A name for every index; that of unknown categories is none of the categories. */
    public List<String> names() {
      if (unknown != Unknown.INDEX) {
        return categories;
      }
      List<String> names = new ArrayList<>(categories);
      String name = "unknown";
      while (positions.containsKey(name)) {
        name = "(" + name + ")";
      }
      names.add(name);
      return names;
    }

    static Map<String, Integer> positions(List<String> categories) {
      Map<String, Integer> positions = new HashMap<>();
      for (int i = 0; i < categories.size(); i++) {
        positions.put(categories.get(i), i);
      }
      return positions;
    }
  }

  /**
   * A fitted scaling: y = (x − offset) / span. A span of 0 marks a constant column, which scales to
   * 0 and unscales to the constant.
   */
  record Affine(double offset, double span) {
    static final Affine IDENTITY = new Affine(0, 1);

    static Affine learn(Scaling scaling, Statistics statistics) {
      return switch (scaling) {
        case Scaling.None() -> IDENTITY;
        case Scaling.Standard() ->
            new Affine(statistics.mean(), statistics.spread(statistics.std()));
        case Scaling.MinMax() ->
            new Affine(
                statistics.min() / 2 + statistics.max() / 2,
                statistics.max() / 2 - statistics.min() / 2);
        case Scaling.Unit() ->
            new Affine(statistics.min(), statistics.spread(statistics.max() - statistics.min()));
        case Scaling.Divide(double by) -> new Affine(0, by);
      };
    }

    public double scale(double x) {
      return span == 0 ? 0 : (x - offset) / span;
    }

    double unscale(double y) {
      return y * span + offset;
    }
  }
}
