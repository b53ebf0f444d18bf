package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.analysis.AnalysisRequest.Start;
import io.trainyard.spec.Signature;
import io.trainyard.spec.check.Warning;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row where attributions begin.
 *
 * @param row by input, [1, ...]
 * @param warning why it is another than the default; null for none
 */
record Baseline(Map<String, HostTensor> row, @Nullable Warning warning) {
  /**
   * The row for a model.
   *
   * @param kind null: that of means for a model of columns whose means are known, else of zeros
   */
  static Baseline of(@Nullable Start kind, LoadedModel model, TrainingMeans means) {
    Encoding encoding = model.definition().encoding();
    if (encoding == null && kind == Start.MEAN) {
      throw ServiceException.invalid(
          "/explain/baseline",
          model.version().reference() + " takes tensors, whose mean is not known: use 'zeros'");
    }
    try {
      return new Baseline(row(kind, model, means), null);
    } catch (TrainingMeans.UnknownMeanException e) {
      if (kind == Start.MEAN) {
        throw ServiceException.invalid(
            "/explain/baseline", e.getMessage() + "; leave 'baseline' out, or use 'zeros'");
      }
      try {
        return new Baseline(
            row(Start.ZEROS, model, means),
            new Warning(
                "/explain",
                "baseline_zeros",
                e.getMessage()
                    + ", so the shares begin at zeros: 0 of numbers, 1970 of times, no category"));
      } catch (TrainingMeans.UnknownMeanException impossible) {
        throw new IllegalStateException("zeros need no means", impossible);
      }
    }
  }

  private static Map<String, HostTensor> row(
      @Nullable Start kind, LoadedModel model, TrainingMeans means)
      throws TrainingMeans.UnknownMeanException {
    Encoding encoding = model.definition().encoding();
    Map<String, HostTensor> row = new LinkedHashMap<>();
    for (var named : model.signature().inputs().entrySet()) {
      Signature.Tensor input = named.getValue();
      if (input.type() != ElementType.FLOAT32) {
        throw ServiceException.invalid(
            "/explain",
            "Input '%s' holds whole numbers, which embeddings look up: no gradient reaches them, so they have no share"
                .formatted(named.getKey()));
      }
      HostTensor tensor = input.zeros(1);
      InputEncoding columns = encoding == null ? null : encoding.inputs().get(named.getKey());
      if (columns != null) {
        fill(tensor, kind == Start.ZEROS ? zeros(columns) : means.of(model.version(), columns));
      }
      row.put(named.getKey(), tensor);
    }
    return row;
  }

  /** Every number 0 in its own unit, and no category. */
  private static double[] zeros(InputEncoding input) {
    double[] zeros = new double[input.rowWidth()];
    int at = 0;
    for (ColumnEncoding column : input.columns()) {
      if (column instanceof ColumnEncoding.Numeric number) {
        number.fillIn(0, zeros, at);
      }
      at += column.width();
    }
    return zeros;
  }

  /** All elements of a tensor column have one scaling, so their order does not matter. */
  private static void fill(HostTensor tensor, double[] row) {
    for (long i = 0; i < tensor.shape().elements(); i++) {
      tensor.setFloat(i, (float) row[(int) (i % row.length)]);
    }
  }
}
