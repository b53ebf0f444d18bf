package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.encoding.FittedScale.Affine;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TimeFeature;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
   * Numbers, tensors and times, imputed and scaled. A tensor column has one scaling for all
   * elements. A time is the number of its seconds since 1970.
   *
   * @param learned null until the training rows have been read
   */
  record Numeric(
      String column,
      ColumnType type,
      @Nullable Shape shape,
      Traits traits,
      Scaling scaling,
      Imputation imputation,
      @Nullable Learned learned)
      implements ColumnEncoding {
    /** Of one second. */
    public static final double MICROS = 1e6;

    /** The encoding before fitting; complete when nothing must be learned. */
    public static Numeric of(Column column, Scaling scaling, Imputation imputation) {
      return of(column, Traits.PLAIN, scaling, imputation);
    }

    static Numeric of(Column column, Traits traits, Scaling scaling, Imputation imputation) {
      Numeric number =
          new Numeric(
              column.name(), column.type(), column.shape(), traits, scaling, imputation, null);
      return number.learns() ? number : number.learn(new Statistics(false));
    }

    @Override
    public int width() {
      int features = isTime() ? TimeFeature.width(traits.times()) : values();
      return features + (traits.indicator() ? 1 : 0);
    }

    /** How many numbers a row of the column holds. */
    public int values() {
      return shape == null ? 1 : Math.toIntExact(shape.elements());
    }

    public boolean isTime() {
      return !traits.times().isEmpty();
    }

    /** Whether each element is a number of the column, whose scale can be undone. */
    public boolean isUndone() {
      return scaling.isUndone() && !isTime() && !traits.indicator();
    }

    /** The names of the elements of a value that are not what the column holds. */
    public List<String> elementNames() {
      List<String> names = new ArrayList<>();
      if (isTime()) {
        traits.times().forEach(feature -> names.addAll(feature.names()));
      } else {
        for (int i = 0; i < values(); i++) {
          names.add(values() == 1 ? "value" : Integer.toString(i));
        }
      }
      if (traits.indicator()) {
        names.add("missing");
      }
      return names;
    }

    boolean refusesMissing() {
      return imputation instanceof Imputation.Refuse;
    }

    /** Whether scaling, imputation or a range must be fitted to rows. */
    boolean learns() {
      boolean scales = !isTime() || traits.times().contains(TimeFeature.LINEAR);
      return (scales && scaling.learns()) || imputation.learns() || traits.clipped();
    }

    /** Whether all its values must be known at once to fit it. */
    boolean needsValues() {
      return imputation instanceof Imputation.Median
          || imputation instanceof Imputation.MostFrequent
          || scaling instanceof Scaling.Robust
          || scaling instanceof Scaling.Quantile;
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
        requireFinite(fill, statistics);
        statistics.impute(fill);
      }
      FittedScale scale = FittedScale.learn(scaling, statistics);
      if (!(scale instanceof FittedScale.Quantile)) {
        requireFinite(scale.line().offset(), statistics);
        requireFinite(scale.line().span(), statistics);
      }
      Range seen = traits.clipped() ? Range.of(statistics) : null;
      return new Numeric(
          column, type, shape, traits, scaling, imputation, new Learned(scale, fill, seen));
    }

    /** What is stored must be readable: sums of the largest doubles are none. */
    private void requireFinite(double learned, Statistics statistics) {
      if (!Double.isFinite(learned)) {
        throw ServiceException.invalidRows(
            "Column '%s' has numbers from %s to %s, too far apart to learn a scale or a mean from; where they stand for missing values, name them in 'null_values' of the upload, else leave these rows out by 'where', or use the scale \"quantile\""
                .formatted(column, statistics.min(), statistics.max()));
      }
    }

    /** The same with the mean of its times. */
    Numeric withMean(double mean) {
      Learned own = known();
      return new Numeric(
          column,
          type,
          shape,
          traits,
          scaling,
          imputation,
          new Learned(own.scale(), own.fill(), own.seen(), mean));
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

    /** A value of the column as a number: of a time, its seconds since 1970. */
    public double element(ColumnValues values, int index) {
      double element = InputEncoding.element(values, index);
      return isTime() ? element / MICROS : element;
    }

    /**
     * Encodes a number.
     *
     * @param at its place in a row of {@code out}
     * @return whether a 32-bit float holds what it becomes
     */
    boolean encode(double x, float[] out, int at) {
      if (!isTime()) {
        return put((float) known().scale().scale(x), out, at);
      }
      int next = at;
      boolean fits = true;
      for (TimeFeature feature : traits.times()) {
        if (feature == TimeFeature.LINEAR) {
          fits &= put((float) known().scale().scale(x), out, next);
        } else {
          double angle = feature.angle(x);
          out[next] = (float) Math.sin(angle);
          out[next + 1] = (float) Math.cos(angle);
        }
        next += feature.width();
      }
      return fits;
    }

    /** Encodes a number into all of the column's elements of a row, as if no value was missing. */
    public void fillIn(double x, double[] row, int at) {
      float[] encoded = new float[width()];
      for (int i = 0; i < values(); i++) {
        var _ = encode(x, encoded, i);
      }
      for (int i = 0; i < encoded.length; i++) {
        row[at + i] = encoded[i];
      }
    }

    private static boolean put(float encoded, float[] out, int at) {
      if (!Float.isFinite(encoded)) {
        return false;
      }
      out[at] = encoded;
      return true;
    }
  }

  /**
   * What a column of numbers has beside its scaling.
   *
   * @param times the features of a column of timestamps; empty for others
   * @param indicator whether one more element says that the value is missing
   * @param clipped whether predictions are held within the range of the training rows
   */
  record Traits(List<TimeFeature> times, boolean indicator, boolean clipped) {
    public static final Traits PLAIN = new Traits(List.of(), false, false);

    public Traits {
      times = List.copyOf(times);
    }
  }

  /**
   * What was fitted to the training rows.
   *
   * @param fill replaces a missing value; NaN when a missing value is an error
   * @param seen what predictions are held within; null: nothing
   * @param mean of times, in seconds; NaN where it is not known
   */
  record Learned(FittedScale scale, double fill, @Nullable Range seen, double mean) {
    public Learned(FittedScale scale, double fill, @Nullable Range seen) {
      this(scale, fill, seen, Double.NaN);
    }

    /** A prediction in the column's own unit. */
    double predicted(double y) {
      double x = scale.line().unscale(y);
      return seen == null ? x : seen.hold(x);
    }

    /** An output as the number that is answered. */
    double answered(double y) {
      return predictsOutputs() ? (float) y : predicted(y);
    }

    /** Whether a prediction is the output as it is. */
    boolean predictsOutputs() {
      return seen == null && scale.equals(Affine.IDENTITY);
    }
  }

  /** The smallest and the largest number of the training rows. */
  record Range(double min, double max) {
    /** No limit. */
    public static final Range ALL = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    static Range of(Statistics statistics) {
      return statistics.count() == 0 ? ALL : new Range(statistics.min(), statistics.max());
    }

    /** The nearest number within; NaN stays NaN. */
    public double hold(double x) {
      return Math.min(max, Math.max(min, x));
    }
  }

  /** What a category becomes. */
  enum Form {
    /** A vector of zeros with a one. */
    ONE_HOT,
    INDEX,
    /** Of two categories, −1 for the first and 1 for the second; 0 for unknown ones. */
    SIGN;

    /** The word in the stored form. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A category as a one-hot vector, as its index or as a sign.
   *
   * @param missing whether missing values have an index of their own, the last; or an element,
   *     which is 1 for them beside what fills them in
   * @param fill replaces a missing value; null when nothing does, or until the training rows have
   *     been read
   */
  record Category(
      String column,
      ColumnType type,
      List<String> categories,
      Form form,
      Unknown unknown,
      boolean missing,
      Imputation imputation,
      @Nullable String fill,
      Map<String, Integer> positions)
      implements ColumnEncoding {
    Category(
        String column,
        ColumnType type,
        List<String> categories,
        Form form,
        Unknown unknown,
        boolean missing,
        Imputation imputation,
        @Nullable String fill) {
      this(
          column,
          type,
          categories,
          form,
          unknown,
          missing,
          imputation,
          fill,
          positions(categories));
    }

    Category(String column, ColumnType type, List<String> categories, Form form, Unknown unknown) {
      this(column, type, categories, form, unknown, false, new Imputation.Refuse(), null);
    }

    /** Whether a missing value is an error; {@code zeros} are also what one of them becomes. */
    boolean refusesMissing() {
      return unknown != Unknown.ZEROS && !missing && imputation instanceof Imputation.Refuse;
    }

    /** The most frequent category of the training rows; of several, the first. */
    Category learn(long[] counts) {
      int most = 0;
      for (int i = 1; i < counts.length; i++) {
        most = counts[i] > counts[most] ? i : most;
      }
      return new Category(
          column,
          type,
          categories,
          form,
          unknown,
          missing,
          imputation,
          categories.get(most),
          positions);
    }

    @Override
    public int width() {
      return switch (form) {
        case ONE_HOT -> indices();
        case INDEX -> 1;
        case SIGN -> missing ? 2 : 1;
      };
    }

    /** One per category, the one that unknown ones share, and that of missing values. */
    public int indices() {
      return categories.size() + (unknown == Unknown.INDEX ? 1 : 0) + (missing ? 1 : 0);
    }

    /** The position of a missing value; −1 where it has none. */
    int missingPosition() {
      boolean own = missing && form == Form.INDEX;
      return fill != null ? position(fill) : own ? indices() - 1 : -1;
    }

    /** The element that is 1 for a missing value; −1 where there is none. */
    int missingElement() {
      return missing && form != Form.INDEX ? width() - 1 : -1;
    }

    /** A name for every element; a sign has that of its positive category. */
    public List<String> elementNames() {
      List<String> names = names();
      return switch (form) {
        case ONE_HOT -> names;
        case INDEX -> List.of(column);
        case SIGN -> names.subList(1, 1 + width());
      };
    }

    /**
     * The element of {@link #form} that a position sets, behind the first one, and its value.
     *
     * @param position −1 for zeros
     */
    public int elementOf(int position) {
      return form == Form.ONE_HOT ? position : 0;
    }

    /** The number that a position becomes. */
    public float numberOf(int position) {
      return numberOf(form, position);
    }

    static float numberOf(Form form, int position) {
      return switch (form) {
        case ONE_HOT -> 1;
        case INDEX -> position;
        case SIGN -> 2 * position - 1;
      };
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

    /** The category of an index; null for those of unknown and missing ones. */
    public @Nullable String category(int index) {
      return index < categories.size() ? categories.get(index) : null;
    }

    /** The index that an output at a place is nearest to: of a one-hot vector, the largest. */
    public int likeliest(HostTensor output, long at) {
      if (form == Form.SIGN) {
        return output.doubleAt(at) < 0 ? 0 : 1;
      }
      int best = 0;
      for (int i = 1; i < width(); i++) {
        best = output.doubleAt(at + i) > output.doubleAt(at + best) ? i : best;
      }
      return best;
    }

    /** A name for every index; those of unknown and missing ones are none of the categories. */
    public List<String> names() {
      List<String> names = new ArrayList<>(categories);
      if (unknown == Unknown.INDEX) {
        names.add(another("unknown"));
      }
      if (missing) {
        names.add(another("missing"));
      }
      return names;
    }

    private String another(String word) {
      String name = word;
      while (positions.containsKey(name)) {
        name = "(" + name + ")";
      }
      return name;
    }

    static Map<String, Integer> positions(List<String> categories) {
      Map<String, Integer> positions = new HashMap<>();
      for (int i = 0; i < categories.size(); i++) {
        positions.put(categories.get(i), i);
      }
      return positions;
    }
  }
}
