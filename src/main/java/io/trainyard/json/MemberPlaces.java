package io.trainyard.json;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where members of a job belong, for those that stand at another place. */
final class MemberPlaces {
  /** Names in lower case and without punctuation, then their place. */
  private static final String PLACES =
      """
      dataset description initialweights onsuccess priority resources tags training: a job, beside its 'model'
      model: a job, beside its 'dataset'
      split where validationdataset: 'dataset'
      fold group stratify: 'split' of 'dataset': "split": {"validation": 0.2}
      inputs targets network: 'model'
      target targetcolumn labelcolumn responsecolumn: 'model': "targets": {"price": {"column": "price"}}
      layers outputs members dataformat: 'network' of 'model'
      recipe: 'network' of 'model': "network": {"recipe": "auto"}
      scale impute encode window layout unknown mincount missingindicator: an input of 'model'
      classes clip positive threshold: a target of 'model'
      units activation initializer biasinitializer regularizer constraint trainable: a layer of 'network': {"type": "dense", "units": 64}
      batchsize epochs loss losses lossweights metrics optimizer seed shuffle publish precision goal: 'training'
      calibration classweights diagnostics earlystopping ema ensemble findlearningrate gradientaccumulation: 'training'
      gradientclipping intervals labelsmoothing learningrates learningrateschedule maxfail mingradient: 'training'
      phases repeatphases sampleweight timelimitseconds weightdecayexclude: 'training'
      amsgrad beta1 beta2 epsilon: 'optimizer' of 'training': {"type": "adam", "learning_rate": 0.001}
      mindelta monitor: 'early_stopping' of 'training': {"monitor": "val_loss", "patience": 10}
      device threads pool gpu: 'resources': {"device": "auto"}
      slices importance: an evaluation of what was trained: POST /v1/models/{model}/versions/{version}/evaluation
      alias when: 'on_success' of a job: {"alias": "production"}
      """;

  private static final Map<String, String> BY_NAME = new HashMap<>();

  static {
    for (String line : PLACES.lines().toList()) {
      String[] parts = line.split(": ", 2);
      for (String name : parts[0].split(" ", -1)) {
        BY_NAME.put(name, "it belongs to " + parts[1]);
      }
    }
  }

  private MemberPlaces() {}

  /** A sentence that says where a member belongs. */
  static Optional<String> sentence(String plain) {
    return Optional.ofNullable(BY_NAME.get(plain));
  }
}
