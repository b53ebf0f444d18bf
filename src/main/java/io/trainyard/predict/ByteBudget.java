package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all predictions under way may use for their inputs and outputs, and the buffers
 * for them.
 */
public final class ByteBudget {
  /** Smaller tensors that no native code reads are on the Java heap. */
  private static final long SMALL = 64 * 1024;

  /** The part of the memory that buffers may keep while no request uses them. */
  private static final int KEPT_PART = 8;

  /** Small requests are counted in steps of this size, so that their count is bounded too. */
  private static final long LEAST = 64;

  private final long limit;
  private final AtomicLong used = new AtomicLong();
  private final BufferPool buffers;

  public ByteBudget(long limit) {
    this.limit = limit;
    this.buffers = new BufferPool(limit / KEPT_PART);
  }

  long used() {
    return used.get();
  }

  /**
   * Nothing yet.
   *
   * @param heap whether small tensors may be on the Java heap, because no native code reads them
   */
  Reservation open(boolean heap) {
    return new Reservation(this, heap);
  }

  /** The bytes of one prediction, given back when it is closed. One thread uses it at a time. */
  public static final class Reservation implements AutoCloseable {
    private final ByteBudget budget;
    private final boolean heap;
    private List<MemorySegment> buffers = List.of();
    private long held;

    private Reservation(ByteBudget budget, boolean heap) {
      this.budget = budget;
      this.heap = heap;
    }

    /**
     * Reserves memory for rows.
     *
     * @param what the rows' inputs or outputs
     * @throws ServiceException BODY_TOO_LARGE when this prediction alone exceeds the budget;
     *     QUEUE_FULL when others use it now
     */
    public void add(long rows, long rowBytes, String what) {
      long bytes = Math.max(LEAST, rowBytes);
      if (rows > (budget.limit - held) / bytes) {
        throw new ServiceException(
            ErrorCode.BODY_TOO_LARGE,
            "%d rows or more with %d bytes of %s each exceed half of trainyard.predict.memory, %d bytes; send fewer rows at once"
                .formatted(rows, rowBytes, what, budget.limit));
      }
      long needed = rows * bytes;
      if (budget.used.addAndGet(needed) > budget.limit) {
        budget.used.addAndGet(-needed);
        throw new ServiceException(
            ErrorCode.QUEUE_FULL,
            "The predictions under way use half of trainyard.predict.memory, "
                + budget.limit
                + " bytes");
      }
      held += needed;
    }

    /** A zeroed tensor for which memory was added. Nobody may use it once this is closed. */
    public HostTensor tensor(ElementType type, Shape shape) {
      long bytes = shape.elements() * type.bytes();
      if (heap && bytes < SMALL) {
        return HostTensor.onHeap(type, shape);
      }
      MemorySegment buffer = budget.buffers.take(bytes);
      if (buffers.isEmpty()) {
        buffers = new ArrayList<>();
      }
      buffers.add(buffer);
      return new HostTensor(type, shape, buffer.asSlice(0, bytes));
    }

    /**
     * Leaves its tensors to the garbage collector, because a computation that was given up may
     * still read them.
     */
    void abandon() {
      buffers = List.of();
    }

    public long held() {
      return held;
    }

    /** Gives back what was added since this many bytes were held. */
    public void reduceTo(long bytes) {
      budget.used.addAndGet(bytes - held);
      held = bytes;
    }

    @Override
    public void close() {
      reduceTo(0);
      List<MemorySegment> unused = buffers;
      buffers = List.of();
      unused.forEach(budget.buffers::give);
    }
  }
}
