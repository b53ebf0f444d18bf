package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tensors of one subset while they are filled. */
final class SubsetBuffers {
  /** In bytes; fits the widest vector registers. */
  static final long ALIGNMENT = 64;

  private final int rows;
  private final SegmentAllocator memory;
  private final Map<String, HostTensor> inputs = new LinkedHashMap<>();
  private final Map<String, HostTensor> targets = new LinkedHashMap<>();
  private int filled;

  SubsetBuffers(Encoding encoding, int rows, SegmentAllocator memory) {
    this.rows = rows;
    this.memory = memory;
    encoding.inputs().forEach((name, input) -> inputs.put(name, allocate(input)));
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              InputEncoding own = target.values();
              HostTensor tensor =
                  target instanceof TargetEncoding.InputTarget input
                      ? inputs.get(input.input())
                      : own == null ? null : allocate(own);
              if (tensor != null) {
                targets.put(name, tensor);
              }
            });
  }

  private HostTensor allocate(InputEncoding encoding) {
    long bytes = (long) rows * encoding.width() * encoding.type().bytes();
    return new HostTensor(
        encoding.type(), encoding.shape().batched(rows), memory.allocate(bytes, ALIGNMENT));
  }

  /** The memory that the tensors need at most, with alignment. */
  static long bytes(Encoding encoding, long rows) {
    long tensors = encoding.inputs().size() + (long) encoding.targets().size();
    return encoding.bytes(rows) + tensors * ALIGNMENT;
  }

  /** The index for the next row in file order. */
  int next() {
    return filled++;
  }

  @Nullable HostTensor input(String name) {
    return inputs.get(name);
  }

  @Nullable HostTensor target(String name) {
    return targets.get(name);
  }

  Subset subset() {
    HostTensor weights = targets.remove(SampleWeights.NAME);
    return new Subset(
        rows,
        inputs,
        targets,
        weights == null ? null : new HostTensor(weights.type(), Shape.of(rows), weights.data()));
  }

  /** Copies some of the rows that are encoded in the same way. */
  void copy(Subset from, int[] places, Encoding encoding) {
    encoding
        .inputs()
        .keySet()
        .forEach(name -> gather(from.inputs().get(name), input(name), places, 1, 0));
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (!(target instanceof TargetEncoding.InputTarget)) {
                HostTensor own =
                    name.equals(SampleWeights.NAME) ? from.weights() : from.targets().get(name);
                gather(own, target(name), places, 1, 0);
              }
            });
  }

  /**
   * Copies windows from encoded rows.
   *
   * @param series rows in the order of their series
   * @param ends the last row of each window
   */
  void gather(SubsetBuffers series, int[] ends, Encoding encoding, Windowing windowing) {
    encoding
        .inputs()
        .forEach((name, input) -> gather(series.input(name), input(name), ends, input.rows(), 0));
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (!(target instanceof TargetEncoding.InputTarget)) {
                gather(series.target(name), target(name), ends, 1, windowing.offset(name));
              }
            });
  }

  private static void gather(
      @Nullable HostTensor from, @Nullable HostTensor to, int[] ends, int window, int offset) {
    if (from == null || to == null || ends.length == 0) {
      return;
    }
    long row = from.bytes() / from.shape().axis(0);
    long bytes = row * window;
    for (int i = 0; i < ends.length; i++) {
      long first = ends[i] + offset - (window - 1L);
      MemorySegment.copy(from.data(), first * row, to.data(), i * bytes, bytes);
    }
  }
}
