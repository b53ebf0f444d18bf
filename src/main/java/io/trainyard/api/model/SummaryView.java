package io.trainyard.api.model;

import io.trainyard.spec.Summary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link Summary} as callers see it. Component names are members of the answer. */
record SummaryView(
    List<LayerView> layers,
    long parameters,
    long trainableParameters,
    long multiplyAdds,
    long bytes,
    long trainingBytes,
    int trainingBatch) {

  record LayerView(
      String name,
      String type,
      List<String> inputs,
      List<Integer> outputShape,
      String formula,
      long parameters,
      boolean trainable,
      long multiplyAdds,
      long bytes,
      long trainingBytes) {
    private static LayerView of(Summary.LayerSummary layer) {
      return new LayerView(
          layer.name(),
          layer.type(),
          layer.inputs(),
          layer.outputShape(),
          layer.formula(),
          layer.parameters(),
          layer.trainable(),
          layer.multiplyAdds(),
          layer.bytes(),
          layer.trainingBytes());
    }
  }

  static SummaryView of(Summary summary) {
    return new SummaryView(
        summary.layers().stream().map(LayerView::of).toList(),
        summary.parameters(),
        summary.trainableParameters(),
        summary.multiplyAdds(),
        summary.bytes(),
        summary.trainingBytes(),
        summary.trainingBatch());
  }

  /** Null where there is no summary. */
  static @Nullable SummaryView ofNullable(@Nullable Summary summary) {
    return summary == null ? null : of(summary);
  }
}
