package io.trainyard.engine.natives;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Native objects that outlive the scope that created them; all are freed together. */
public final class NativeHandles implements AutoCloseable {
  private final List<Pointer> pointers = new ArrayList<>();

  public <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    pointers.add(pointer);
    return pointer;
  }

  @Override
  public void close() {
    for (int i = pointers.size() - 1; i >= 0; i--) {
      pointers.get(i).releaseReference();
    }
    pointers.clear();
  }
}
