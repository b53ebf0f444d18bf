package io.trainyard.tensor;

import java.util.Map;

/** A file of named tensors. */
@SuppressWarnings("DoNotCallSuggester")
public final class SafeTensors implements AutoCloseable {
  private SafeTensors() {}

  /** The tensors by name, mapped from the file; they live until {@link #close}. */
  public Map<String, HostTensor> tensors() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
