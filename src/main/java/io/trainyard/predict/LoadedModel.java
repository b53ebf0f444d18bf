package io.trainyard.predict;

import io.trainyard.dataset.encoding.PlainNumbers;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.PlainInstances.PlainColumns;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A version ready to answer. Each user holds it while it computes; evicted, it gives its memory
 * back when the last one is done.
 */
public final class LoadedModel {
  private final ModelVersion version;
  private final VersionDefinition blueprint;
  private final LoadedNetwork network;
  private final @Nullable PlainColumns plainColumns;
  private int users;
  private boolean evicted;

  LoadedModel(ModelVersion version, VersionDefinition blueprint, LoadedNetwork network) {
    this.version = version;
    this.blueprint = blueprint;
    this.network = network;
    this.plainColumns =
        Optional.ofNullable(blueprint.encoding())
            .flatMap(PlainNumbers::of)
            .map(PlainColumns::of)
            .orElse(null);
  }

  /** The same network under another version; this one is used no more. */
  LoadedModel as(ModelVersion other) {
    return new LoadedModel(other, blueprint, network);
  }

  /** The columns it reads, when all are plain numbers. */
  @Nullable PlainColumns plainColumns() {
    return plainColumns;
  }

  public ModelVersion version() {
    return version;
  }

  public VersionDefinition blueprint() {
    return blueprint;
  }

  /** The network's own outputs, in order. */
  public List<String> outputs() {
    return blueprint.spec().network().outputs();
  }

  /** Holds itself meanwhile: a caller that gave up must not take the network away under it. */
  Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs) {
    if (!hold()) {
      throw new CancellationException("nobody waits for this any more");
    }
    try {
      return network.forward(inputs, outputs);
    } finally {
      release();
    }
  }

  long bytes() {
    return network.bytes();
  }

  /** False when it has been evicted and must be loaded again. */
  synchronized boolean hold() {
    if (evicted) {
      return false;
    }
    users++;
    return true;
  }

  void release() {
    boolean last;
    synchronized (this) {
      users--;
      last = evicted && users == 0;
    }
    if (last) {
      network.close();
    }
  }

  void evict() {
    boolean idle;
    synchronized (this) {
      if (evicted) {
        return;
      }
      evicted = true;
      idle = users == 0;
    }
    if (idle) {
      network.close();
    }
  }

  synchronized boolean isIdle() {
    return users == 0;
  }
}
