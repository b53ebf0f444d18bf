package io.trainyard.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.json.StrictJson;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What the training of the best trial takes from the trial, and what from the sweep's job. */
class FinalJobBodyTest {
  private static ObjectNode refit(String training, String job, int epochs) {
    String trial =
        "{'model':'m','dataset':{'name':'d','validation_dataset':{'name':'v'},"
            + "'split':{'test':0.2,'fold':{'number':2,'of':4}}},'resources':{'threads':1,'pool':'cpu'},"
            + "'training':"
            + training
            + "}";
    return FinalJobBody.refit(parse(trial), parse(job), epochs);
  }

  private static ObjectNode parse(String json) {
    return (ObjectNode) StrictJson.parse(json.replace('\'', '"'));
  }

  @Test
  void itTrainsOnAllFoldsForTheEpochsOfTheBest() {
    ObjectNode refit =
        refit(
            "{'epochs':50,'monitor':'val_loss','publish':'best','max_fail':3,"
                + "'early_stopping':{'patience':2},'loss':'mse'}",
            "{'on_success':{'alias':'a'},'resources':{'threads':2}}",
            7);
    assertThat(refit)
        .isEqualTo(
            parse(
                "{'model':'m','dataset':{'name':'d','split':{'test':0.2,'fold':{'number':0,'of':4}}},"
                    + "'resources':{'threads':2,'pool':'cpu'},'training':{'epochs':7,'loss':'mse'},"
                    + "'on_success':{'alias':'a'}}"));
  }

  @Test
  void phasesKeepTheirEpochsAndLoseWhatNeedsValidationRows() {
    ObjectNode refit =
        refit(
            "{'epochs':5,'monitor':'val_loss','phases':[{'train':['a'],'max_fail':2},"
                + "{'train':['b'],'epochs':9,'early_stopping':{'patience':2},"
                + "'learning_rate_schedule':{'type':'reduce_on_plateau','monitor':'val_loss'}}]}",
            "{}",
            3);
    assertThat(refit.get("training"))
        .isEqualTo(
            parse(
                "{'epochs':5,'phases':[{'train':['a']},{'train':['b'],'epochs':9,"
                    + "'learning_rate_schedule':{'type':'reduce_on_plateau','monitor':'loss'}}]}"));
    assertThat(refit.at("/resources").propertyNames()).containsExactly("pool");
  }

  @Test
  void aWarmUpIsShorterThanTheTraining() {
    String training = "{'epochs':50,'learning_rate_schedule':{'type':'cosine','warmup_epochs':5}}";
    String warmUp = "/training/learning_rate_schedule/warmup_epochs";
    assertThat(refit(training, "{}", 1).at(warmUp).intValue()).isEqualTo(0);
    assertThat(refit(training, "{}", 5).at(warmUp).intValue()).isEqualTo(4);
    assertThat(refit(training, "{}", 6).at(warmUp).intValue()).isEqualTo(5);
  }
}
