package io.trainyard.crash;

import io.trainyard.engine.TestEngine;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A training step that ends the process: group_norm of channels-last images that want no gradient.
 * {@code NormModules.groupNorm} avoids it. When libtorch repairs it, the search's own test fails,
 * and the guard can go.
 */
final class UnguardedGroupNorm {
  private UnguardedGroupNorm() {}

  static void train() {
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor images = torch.rand(4, 3, 3, 6).permute(0, 3, 1, 2);
                Tensor weight = torch.ones(6).requires_grad_(true);
                Tensor bias = torch.zeros(6).requires_grad_(true);
                torch
                    .group_norm(
                        images,
                        2,
                        new TensorOptional(weight),
                        new TensorOptional(bias),
                        1e-5,
                        false)
                    .sum()
                    .backward();
              }
            });
  }
}
