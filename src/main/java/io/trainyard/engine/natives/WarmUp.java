package io.trainyard.engine.natives;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Uses each part of libtorch once, because the first use is slow. */
public final class WarmUp {
  private WarmUp() {}

  public static void run() {
    try (PointerScope scope = new PointerScope();
        RandomSource random = new RandomSource(1)) {
      Tensor weight = torch.empty(8, 8).uniform_(-1, 1, random.purpose(0));
      weight.set_requires_grad(true);
      Tensor loss = torch.tanh(torch.linear(weight.detach(), weight)).square().mean();
      loss.backward();
    }
  }
}
