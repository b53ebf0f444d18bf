package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.NetworkReader;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.Scores;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;

/**
 * Refuses trainings whose members cannot answer together.
 *
 * @param outputs that targets train, as far as they are known
 */
record EnsembleCheck(TrainingCheck check, TrainingSpec training, List<TrainedOutput> outputs) {
  void check(Violations violations) {
    Ensemble ensemble = training.ensemble();
    if (NetworkMembers.count(check.model().network()) > 1) {
      violations.add(
          check.modelPointer() + "/network/" + NetworkMembers.NAME,
          "This is the network of an ensemble, whose members are trained one by one: leave"
              + " 'members' out, and write \"ensemble\": {\"seeds\": 5} in 'training'");
      return;
    }
    if (ensemble == null) {
      return;
    }
    String at = check.trainingPointer() + "/ensemble";
    if (training.rateSearch() != null) {
      violations.add(
          check.trainingPointer() + "/find_learning_rate",
          "Find the rate with a job without 'ensemble', and write it into the optimizer: else each"
              + " member would have another one");
    }
    NetworkSpec one = check.model().network();
    int members = ensemble.members();
    List<CountedNetwork> all = CountedNetwork.copies(one, members, 1);
    if (NetworkMembers.layers(all) > NetworkReader.MAX_LAYERS) {
      violations.add(
          Violation.pointer(at, ensemble.member()),
          "%d members of %d layers are more than %d layers: ask for fewer members"
              .formatted(members, one.layers().size(), NetworkReader.MAX_LAYERS));
    } else if (NetworkMembers.reads(all) > NetworkReader.MAX_READS) {
      violations.add(
          Violation.pointer(at, ensemble.member()),
          "The layers of %d members have more than %d 'inputs' together: ask for fewer members"
              .formatted(members, NetworkReader.MAX_READS));
    }
    check
        .model()
        .targets()
        .forEach(
            (target, spec) -> {
              if (spec.source() instanceof TargetSpec.Source.LayerOutput) {
                violations.add(
                    at,
                    "The target '%s' is the output of a layer, of which each member has its own, so their mean has nothing to be compared with: leave 'ensemble' out"
                        .formatted(target));
              }
            });
    for (TrainedOutput trained : outputs) {
      MeasuredOutput measured = trained.measured();
      if (measured != null && measured.scores() == Scores.LOGIT) {
        violations.add(
            at,
            "An ensemble answers the mean of its members' probabilities, and the output '%s' gives logits: end it in softmax or sigmoid and leave 'from_logits' out; the loss is then computed from the logits all the same"
                .formatted(trained.output()));
      }
    }
  }
}
