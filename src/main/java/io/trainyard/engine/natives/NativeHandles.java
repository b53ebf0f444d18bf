package io.trainyard.engine.natives;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** Native objects that outlive the scope that created them; all are freed together. */
public final class NativeHandles implements AutoCloseable {
  /** What the construction under way on a thread has made so far. */
  private static final ThreadLocal<@Nullable List<NativeHandles>> MADE = new ThreadLocal<>();

  private static final LongAdder KEPT = new LongAdder();

  private final List<Pointer> pointers = new ArrayList<>();

  public NativeHandles() {
    List<NativeHandles> made = MADE.get();
    if (made != null) {
      made.add(this);
    }
  }

  /** Makes an object whose parts keep native objects; if that fails, all of them are freed. */
  public static <T> T whileMaking(Supplier<T> constructor) {
    List<NativeHandles> outer = MADE.get();
    List<NativeHandles> made = new ArrayList<>();
    MADE.set(made);
    try {
      T object = constructor.get();
      if (outer != null) {
        outer.addAll(made);
      }
      return object;
    } catch (Throwable e) {
      made.forEach(NativeHandles::close);
      throw e;
    } finally {
      MADE.set(outer);
    }
  }

  public <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    pointers.add(pointer);
    KEPT.increment();
    return pointer;
  }

  @Override
  public void close() {
    for (int i = pointers.size() - 1; i >= 0; i--) {
      pointers.get(i).releaseReference();
    }
    KEPT.add(-pointers.size());
    pointers.clear();
  }

  /** How many native objects this process keeps. */
  public static long kept() {
    return KEPT.sum();
  }
}
