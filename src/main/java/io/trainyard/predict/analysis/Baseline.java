package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.analysis.AnalysisRequest.Start;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row where attributions begin.
 *
 * @param row by input, [1, ...]
 */
record Baseline(Map<String, HostTensor> row) {
  /**
   * The row for a model.
   *
   * @param kind null: that of means for a model of columns, else of zeros
   */
  static Baseline of(@Nullable Start kind, LoadedModel model, TrainingMeans means) {
    Encoding encoding = model.definition().encoding();
    if (encoding == null && kind == Start.MEAN) {
      throw ServiceException.invalid(
          "/explain/baseline",
          model.version().reference() + " takes tensors, whose mean is not known: use 'zeros'");
    }
    Map<String, HostTensor> row = new LinkedHashMap<>();
    model
        .signature()
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.type() != ElementType.FLOAT32) {
                throw ServiceException.invalid(
                    "/explain",
                    "Input '%s' holds whole numbers, which embeddings look up: no gradient reaches them, so they have no share"
                        .formatted(name));
              }
              HostTensor tensor = input.zeros(1);
              InputEncoding columns = encoding == null ? null : encoding.inputs().get(name);
              if (columns != null) {
                fill(
                    tensor,
                    kind == Start.ZEROS ? zeros(columns) : means.of(model.version(), columns));
              }
              row.put(name, tensor);
            });
    return new Baseline(row);
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
