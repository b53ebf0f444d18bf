package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Outputs and targets of some rows, copied from a batch into arrays that are reused: element by
 * element, tensors in native memory are slow to read. A row has one or more <i>positions</i>, as
 * the steps of a sequence, and a position has {@code width} outputs.
 */
final class RowBlock {
  /** Elements of a block, except where one row has more; both arrays fit into a core's cache. */
  private static final int ELEMENTS = 4096;

  /** A time and an event for each row. */
  private static final int SURVIVAL = 2;

  private final MeasuredTarget target;
  private final MeasuredOutput output;
  final int width;
  int rows;
  int rowElements;
  int positions;

  /** Whether the target is the index of a class for each position. */
  boolean labelled;

  /** The outputs, row-major. */
  double[] outputs = {};

  private float[] floats = {};
  private double[] truths = {};
  private int[] labels = {};
  private double[] probabilities = {};
  private boolean hasTruths;
  private boolean hasProbabilities;

  RowBlock(MeasuredTarget target) {
    this.target = target;
    output = target.output();
    width = output.width();
  }

  /**
   * Loads a batch block by block, each as it is answered: probabilities are corrected, predictions
   * held within their range.
   *
   * @param use gets the place of the block's first row in the batch
   */
  void each(HostTensor outputs, HostTensor truths, IntConsumer use) {
    int rows = outputs.shape().dims().getFirst();
    if (rows == 0) {
      return;
    }
    int atOnce = Math.max(1, ELEMENTS / Math.toIntExact(outputs.shape().elements() / rows));
    for (int from = 0; from < rows; from += atOnce) {
      load(outputs, truths, from, Math.min(atOnce, rows - from));
      target.hold(this);
      use.accept(from);
    }
  }

  /** Loads rows {@code from} to {@code from + count} of a batch. */
  private void load(HostTensor output, HostTensor target, int from, int count) {
    rows = count;
    rowElements = Math.toIntExact(output.shape().elements() / output.shape().dims().getFirst());
    int elements = count * rowElements;
    int given = this.output.isSurvival() ? SURVIVAL : rowElements;
    positions = elements / width;
    if (outputs.length < elements) {
      floats = new float[Math.max(elements, count * given)];
      outputs = new double[elements];
      truths = new double[floats.length];
      labels = new int[positions];
      probabilities = new double[elements];
    }
    read(output, (long) from * rowElements, elements, outputs);
    labelled =
        width > 1
            && target.type() == ElementType.INT64
            && target.shape().elements() == output.shape().elements() / width;
    hasTruths = !labelled;
    hasProbabilities = false;
    if (labelled) {
      long first = (long) from * rowElements / width;
      for (int i = 0; i < positions; i++) {
        labels[i] = (int) target.longAt(first + i);
      }
    } else {
      read(target, (long) from * given, count * given, truths);
    }
  }

  private void read(HostTensor tensor, long from, int count, double[] into) {
    if (tensor.type() == ElementType.FLOAT32) {
      MemorySegment.copy(
          tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, from * Float.BYTES, floats, 0, count);
      for (int i = 0; i < count; i++) {
        into[i] = floats[i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        into[i] = tensor.doubleAt(from + i);
      }
    }
  }

  /** The targets as numbers, row-major; labels become one-hot. Of survival, two for each row. */
  double[] truths() {
    if (!hasTruths) {
      Arrays.fill(truths, 0, positions * width, 0);
      for (int i = 0; i < positions; i++) {
        truths[i * width + labels[i]] = 1;
      }
      hasTruths = true;
    }
    return truths;
  }

  /** The true class of a position; of a single output, the second from one half on. */
  int label(int position) {
    if (width == 1) {
      return truths[position] >= 0.5 ? 1 : 0;
    }
    return labelled ? labels[position] : largest(truths, position * width);
  }

  /** The class with the largest output of a position; the first of equal ones. */
  int decision(int position) {
    return largest(outputs, position * width);
  }

  private int largest(double[] elements, int from) {
    int best = 0;
    double most = elements[from];
    for (int i = 1; i < width; i++) {
      if (elements[from + i] > most) {
        best = i;
        most = elements[from + i];
      }
    }
    return best;
  }

  /**
   * The outputs as predictions give them: probabilities of a class that has them. Numbers still
   * have to be unscaled.
   */
  double[] answers() {
    return output.classes() ? probabilities() : outputs;
  }

  /** The outputs, where logits are made probabilities by a sigmoid or a softmax. */
  double[] probabilities() {
    if (output.scores() != Scores.LOGIT) {
      return outputs;
    }
    if (!hasProbabilities) {
      for (int i = 0; i < positions; i++) {
        if (output.isSeparate()) {
          sigmoid(i * width);
        } else {
          softmax(i * width);
        }
      }
      hasProbabilities = true;
    }
    return probabilities;
  }

  private void sigmoid(int from) {
    for (int i = from; i < from + width; i++) {
      probabilities[i] = output.scores().answer(outputs[i]);
    }
  }

  private void softmax(int from) {
    for (int i = 0; i < width; i++) {
      floats[i] = (float) outputs[from + i];
    }
    output.scores().answer(floats, width);
    for (int i = 0; i < width; i++) {
      probabilities[from + i] = floats[i];
    }
  }
}
