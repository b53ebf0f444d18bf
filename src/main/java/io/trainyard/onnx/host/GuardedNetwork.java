package io.trainyard.onnx.host;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A network of a host that callers ask: its answers count for the file, its deaths for its callers.
 */
final class GuardedNetwork implements LoadedNetwork {
  private final LoadedNetwork network;
  private final String file;
  private final FileRecords records;
  private final CrashingCallers callers;
  private final boolean together;

  /**
   * @param together whether other files are computed in the same host, which suffer from its death
   */
  GuardedNetwork(
      LoadedNetwork network,
      String file,
      FileRecords records,
      CrashingCallers callers,
      boolean together) {
    this.network = network;
    this.together = together;
    this.file = file;
    this.records = records;
    this.callers = callers;
  }

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
    Map<String, HostTensor> answer = network.forward(inputs, outputs, stopped);
    records.answered(file);
    return answer;
  }

  @Override
  public <T> T asked(Supplier<T> work) {
    String caller = Identity.current().counted();
    if (caller.equals(Identity.service().counted())) {
      return work.get(); // the service's own work, or that of a job
    }
    callers.refusePrediction(caller, records.isKnown(file));
    try {
      return work.get();
    } catch (ServiceException e) {
      if (e.getCause() instanceof LostHost lost) {
        if (together
            && lost.isFilesFault()
            && lost.suspects().equals(Set.of(file))
            && lost.countsNow()) {
          callers.ended(caller);
        }
      } else if (e.code() == ErrorCode.UNAVAILABLE) {
        records.left(file, caller);
      }
      throw e;
    }
  }

  @Override
  public long bytes() {
    return network.bytes();
  }

  @Override
  public void close() {
    network.close();
  }
}
