package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batches in an epoch's order, gathered several at a time into memory that is reused: in a small
 * network, gathering each by itself took a fifth of a step. A batch is valid until the window moves
 * on.
 */
final class BatchWindow implements AutoCloseable {
  /** Of a window, unless one batch has more: it fits into a core's cache. */
  private static final long BYTES = 1 << 19;

  /** Of a window, unless they have fewer rows. */
  private static final int BATCHES = 64;

  /** All rows of a tensor, and those in the window. */
  private record Gathered(Tensor source, Tensor window) {
    /** Gathers rows into the start of the window. */
    void fill(Tensor indices) {
      Tensor part = window.narrow(0, 0, indices.size(0));
      if (part.scalar_type().intern() == source.scalar_type().intern()) {
        torch.index_select_out(part, source, 0, indices);
      } else {
        part.copy_(source.index_select(0, indices));
      }
    }
  }

  private final NativeHandles handles = new NativeHandles();
  private final ScalarType type;
  private final int batchRows;
  private final List<Gathered> tensors = new ArrayList<>();
  private final List<Batch> batches = new ArrayList<>();
  private int first;
  private int rows;

  /**
   * @param all every row
   * @param type of the numbers in a batch
   */
  BatchWindow(Batch all, int allRows, int batchRows, ScalarType type) {
    this.batchRows = batchRows;
    this.type = type;
    try (PointerScope scope = new PointerScope()) {
      long batchBytes = Math.max(1, all.bytes() / allRows * batchRows);
      long most = Math.min(BATCHES, allRows / batchRows);
      int count = (int) Math.max(1, Math.min(most, BYTES / batchBytes));
      Batch window = all.map(source -> window(source, (long) count * batchRows));
      for (int i = 0; i < count; i++) {
        long from = (long) i * batchRows;
        batches.add(window.map(tensor -> handles.keep(tensor.narrow(0, from, batchRows))));
      }
    }
  }

  private Tensor window(Tensor source, long count) {
    long[] shape = source.sizes().vec().get();
    shape[0] = count;
    Tensor window = torch.zeros(shape, source.options());
    Tensor typed = handles.keep(source.is_floating_point() ? window.to(type) : window);
    tensors.add(new Gathered(source, typed));
    return typed;
  }

  int batchRows() {
    return batchRows;
  }

  /** Forgets what is gathered: the order has changed. */
  void clear() {
    rows = 0;
  }

  /**
   * The batch of the order's rows {@code from} to {@code from + batchRows}.
   *
   * @param order of all rows
   */
  Batch batch(Tensor order, int from) {
    int offset = from - first;
    if (offset < 0 || offset + batchRows > rows || offset % batchRows != 0) {
      moveTo(order, from);
    }
    return batches.get((from - first) / batchRows);
  }

  private void moveTo(Tensor order, int from) {
    int left = Math.toIntExact(order.size(0)) - from;
    first = from;
    rows = Math.min(batches.size(), left / batchRows) * batchRows;
    Tensor indices = order.narrow(0, first, rows);
    tensors.forEach(tensor -> tensor.fill(indices));
  }

  @Override
  public void close() {
    handles.close();
  }
}
