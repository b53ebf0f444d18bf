package io.trainyard.train.metric;

import io.trainyard.engine.expression.FormulaValues;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A metric by expression: the mean over rows, in the target's units. */
final class FormulaMean extends MeanMetric {
  /** Numbers that the nodes of an expression may hold at once. */
  private static final long ELEMENTS = MetricSpec.MAX_ELEMENTS;

  private final MetricSpec.Formula metric;
  private final MeasuredTarget target;
  private final int rowsAtOnce;

  FormulaMean(MetricSpec.Formula metric, MeasuredTarget target) {
    super("formula/" + metric.name());
    this.metric = metric;
    this.target = target;
    long ofRow = Math.max(1, metric.formula().infer(target.output().row()).elements());
    rowsAtOnce = (int) Math.max(1, ELEMENTS / ofRow);
  }

  @Override
  public void add(RowBlock block) {
    double[] truths = block.truths();
    double[] outputs = block.answers();
    for (int from = 0; from < block.rows; from += rowsAtOnce) {
      int some = Math.min(rowsAtOnce, block.rows - from);
      HostTensor truth = inUnits(truths, from, some, block.rowElements);
      HostTensor output = inUnits(outputs, from, some, block.rowElements);
      for (double value : FormulaValues.of(metric.formula(), truth, output)) {
        sum += value;
      }
    }
    count += block.rows;
  }

  private HostTensor inUnits(double[] elements, int from, int count, int rowElements) {
    double[] own = new double[count * rowElements];
    for (int i = 0; i < own.length; i++) {
      int element = i % rowElements;
      own[i] = elements[from * rowElements + i] * target.unit(element) + target.offset(element);
    }
    HostTensor tensor =
        HostTensor.allocate(ElementType.FLOAT64, target.output().row().batched(count));
    MemorySegment.copy(own, 0, tensor.data(), ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, own.length);
    return tensor;
  }

  @Override
  public String whyUndefined(MetricSpec formula) {
    return "The expression is not a number for some row";
  }
}
