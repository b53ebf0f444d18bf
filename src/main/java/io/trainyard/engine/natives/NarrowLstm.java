package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether oneDNN has an LSTM in bfloat16 for this processor: for one with AVX-512 it has, for one
 * with AVX2 alone it has not, and libtorch asks for it all the same. The smallest one is tried
 * once.
 */
public final class NarrowLstm {
  private static final Logger log = LoggerFactory.getLogger(NarrowLstm.class);

  private NarrowLstm() {}

  /** Holder of what the first question finds out. */
  private static final class Tried {
    private static final boolean RUNS = runs();
  }

  public static boolean isSupported() {
    return Tried.RUNS;
  }

  private static boolean runs() {
    try (PointerScope _ = new PointerScope();
        Autocast _ = new Autocast(Device.CPU)) {
      Tensor state = torch.zeros(1, 1, 1);
      TensorVector weights =
          new TensorVector(torch.zeros(4, 1), torch.zeros(4, 1), torch.zeros(4), torch.zeros(4));
      var _ =
          torch.lstm(state, new TensorVector(state, state), weights, true, 1, 0, true, false, true);
      return true;
    } catch (RuntimeException e) {
      log.debug("An LSTM is computed in float32, also where bfloat16 is asked for", e);
      return false;
    }
  }
}
