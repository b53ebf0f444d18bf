package io.trainyard.job.check;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes valid networks and trainings of any layers. The same seed makes the same ones. */
final class RandomNetworks {
  /** About a second of work, and memory that any machine of a developer has. */
  private static final long MOST_MULTIPLY_ADDS = 2_000_000_000L;

  private static final long MOST_BYTES = 600L << 20;

  /** Layers by the rank of what they read; {@code $N} is a size, {@code $S} a small one. */
  private static final List<List<String>> LAYERS =
      List.of(
          List.of(
              "'type':'dense','units':$N,'activation':$A",
              "'type':'activation','function':$A",
              "'type':'dropout','rate':0.2",
              "'type':'batch_norm'",
              "'type':'layer_norm'",
              "'type':'prelu'",
              "'type':'gaussian_noise','std':0.1",
              "'type':'repeat','n':$L",
              "'type':'lambda','expression':'sin($X) * $X + exp(-$X ^ 2)'"),
          List.of(
              "'type':'lstm','units':$N,'return_sequences':$B,'bidirectional':$B",
              "'type':'gru','units':$N,'return_sequences':$B,'layers':$S,'dropout':0.1",
              "'type':'gru','units':$S,'return_sequences':$B,'bidirectional':$B",
              "'type':'simple_rnn','units':$N,'return_sequences':$B,'go_backwards':$B",
              "'type':'lstm','units':$S,'layers':$S,'return_sequences':true,'dropout':0.3",
              "'type':'conv1d','filters':$N,'kernel_size':$S,'padding':'same','activation':$A",
              "'type':'max_pool1d','pool_size':$S",
              "'type':'avg_pool1d','pool_size':$S,'padding':'same'",
              "'type':'multi_head_attention','heads':$S,'key_dim':$S",
              "'type':'transformer_encoder','heads':1,'ff_dim':$N,'dropout':0.1",
              "'type':'transformer_encoder','heads':$S,'ff_dim':$N",
              "'type':'dense','units':$N,'activation':$A",
              "'type':'batch_norm'",
              "'type':'layer_norm'",
              "'type':'group_norm','groups':$S",
              "'type':'spatial_dropout','rate':0.2",
              "'type':'normalize'",
              "'type':'permute','axes':[1,0]",
              "'type':'slice','axis':0,'end':-1",
              "'type':'last_step'",
              "'type':'global_avg_pool'",
              "'type':'global_max_pool'",
              "'type':'flatten'"),
          List.of(
              "'type':'conv2d','filters':$N,'kernel_size':$S,'padding':'same','activation':$A",
              "'type':'conv2d','filters':$N,'kernel_size':$S,'strides':2",
              "'type':'conv2d','filters':$S,'kernel_size':3,'data_format':'channels_first'",
              "'type':'depthwise_conv2d','kernel_size':$S,'padding':'same','depth_multiplier':$S",
              "'type':'separable_conv2d','filters':$N,'kernel_size':$S,'activation':$A",
              "'type':'conv2d_transpose','filters':$S,'kernel_size':3,'strides':2",
              "'type':'max_pool2d','pool_size':$S,'padding':'same'",
              "'type':'avg_pool2d','pool_size':$S",
              "'type':'batch_norm'",
              "'type':'group_norm','groups':$S",
              "'type':'dropout','rate':0.4",
              "'type':'upsample','size':2",
              "'type':'zero_pad','padding':1",
              "'type':'crop','cropping':1",
              "'type':'activation','function':$A",
              "'type':'prelu'",
              "'type':'global_avg_pool'",
              "'type':'flatten'"),
          List.of(
              "'type':'conv3d','filters':$N,'kernel_size':$S,'padding':'same','activation':$A",
              "'type':'max_pool3d','pool_size':$S,'padding':'same'",
              "'type':'avg_pool3d','pool_size':$S,'padding':'same'",
              "'type':'global_max_pool'",
              "'type':'batch_norm'",
              "'type':'flatten'"));

  private static final List<String> INPUTS =
      List.of("[$N]", "[$L,$S]", "[$N,$N]", "[$N,$N,$S]", "[$M,$M,$S]", "[$M,$M,$M,$S]");

  private static final List<String> ACTIVATIONS =
      List.of(
          "'relu'", "'tanh'", "'sigmoid'", "'gelu'", "'softmax'", "'linear'", "'elu'", "'swish'");

  private static final List<String> OPTIMIZERS = List.of("adam", "sgd", "adamw");

  private final SplittableRandom random;

  RandomNetworks(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * A network and its training.
   *
   * @param rows of a subset that makes both batches full
   */
  record Case(NetworkShapes shapes, TrainingPlan plan, int rows, String text) {
    TrainingSpec training() {
      return plan.training();
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The next network that is neither too slow nor too large for a test. */
  Case next() {
    while (true) {
      String training =
          "{'loss':'mse','epochs':1,'batch_size':%d,'optimizer':{'type':'%s'}%s}"
              .formatted(
                  1 << random.nextInt(8),
                  OPTIMIZERS.get(random.nextInt(OPTIMIZERS.size())),
                  random.nextInt(3) == 0 ? ",'gradient_clipping':{'norm':1}" : "");
      String network = network();
      if (network.isEmpty()) {
        continue;
      }
      ModelSpec model = TestEngine.model(network);
      NetworkShapes shapes = TestEngine.shapes(model);
      TrainingSpec spec = TestEngine.training(training);
      int rows = Math.max(spec.batchSize(), shapes.evaluationRows(spec.batchSize()));
      if (shapes.multiplyAdds() < MOST_MULTIPLY_ADDS / rows
          && MemoryBudget.Need.of(shapes, spec, 0, rows, rows).total() < MOST_BYTES) {
        TrainingPlan plan = TestEngine.plan(model, training, Map.of());
        return new Case(shapes, plan, rows, network + " " + training);
      }
    }
  }

  /** Adds random layers as long as they fit; "" when none does. */
  private String network() {
    boolean indices = random.nextInt(6) == 0;
    String input = indices ? "[$L]" : pick(INPUTS);
    List<String> layers = new ArrayList<>();
    input = filled(input, "x");
    if (indices) {
      layers.add(filled("{'type':'embedding','name':'l0','vocabulary':$L,'dim':$N}", "x"));
    }
    for (int tries = 3 + random.nextInt(8); tries > 0; tries--) {
      int rank = rank(input, layers);
      if (rank < 1 || rank > LAYERS.size()) {
        return "";
      }
      String last = layers.isEmpty() ? "x" : "l" + (layers.size() - 1);
      String name = "l" + layers.size();
      String layer = "{'name':'" + name + "'," + filled(pick(LAYERS.get(rank - 1)), last) + "}";
      if (random.nextInt(10) == 0 && !layers.isEmpty()) {
        layer =
            "{'name':'%s','type':'%s','inputs':['%s','%s']}"
                .formatted(name, random.nextBoolean() ? "add" : "concat", last, last);
      }
      layers.add(layer);
      if (rank(input, layers) < 1) {
        layers.removeLast();
      }
    }
    String whole =
        text(
            input,
            layers,
            (rank(input, layers) > 1 ? ",{'type':'flatten'}" : "")
                + ",{'type':'dense','name':'y','units':2}");
    return layers.isEmpty() || !fits(whole) ? "" : whole;
  }

  private static String text(String input, List<String> layers, String end) {
    String list = String.join(",", layers) + end;
    return "{'name':'m','network':{'inputs':{'x':{'shape':%s}},'layers':[%s]}}"
        .formatted(input, list.startsWith(",") ? list.substring(1) : list);
  }

  private static boolean fits(String model) {
    try {
      return TestEngine.shapes(TestEngine.model(model)).batchBytes(1) < MOST_BYTES;
    } catch (ServiceException | IllegalArgumentException e) {
      return false;
    }
  }

  /** The rank of the last layer's output; 0 when the layers do not fit together. */
  private static int rank(String input, List<String> layers) {
    if (layers.isEmpty()) {
      return input.split(",").length;
    }
    String text = text(input, layers, "");
    return fits(text)
        ? TestEngine.shapes(TestEngine.model(text)).of("l" + (layers.size() - 1)).rank()
        : 0;
  }

  private String filled(String text, String last) {
    String filled = text.replace("$X", last);
    for (int at = filled.indexOf('$'); at >= 0; at = filled.indexOf('$')) {
      String value =
          switch (filled.charAt(at + 1)) {
            case 'N' -> String.valueOf(size(300));
            case 'M' -> String.valueOf(4 + random.nextInt(28));
            case 'L' -> String.valueOf(size(20_000));
            case 'S' -> String.valueOf(1 + random.nextInt(4));
            case 'B' -> String.valueOf(random.nextBoolean());
            case 'A' -> pick(ACTIVATIONS);
            default -> throw new IllegalStateException(filled);
          };
      filled = filled.substring(0, at) + value + filled.substring(at + 2);
    }
    return filled;
  }

  /** A size whose magnitude is uniform. */
  private int size(int most) {
    return (int) Math.exp(random.nextDouble(Math.log(most)));
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
