package io.trainyard.api.job;

import io.trainyard.access.Change;
import io.trainyard.job.Job;
import io.trainyard.label.LabelPatch;
import io.trainyard.label.LabelStore;
import io.trainyard.label.Labelled;
import io.trainyard.model.Precondition;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Changes the description and the tags of jobs, and whether lists leave them out. */
@Component
record JobLabels(LabelStore labels) {
  /**
   * The job after a change, which is noted in the audit log.
   *
   * @param present reads the job as it is, or throws where there is none
   */
  Job patch(JsonNode body, Supplier<Job> present, Precondition<Job> precondition) {
    LabelPatch patch = LabelPatch.of(body);
    Job before = present.get();
    var _ =
        labels
            .change(
                Labelled.JOB,
                before.id(),
                () -> precondition.check(Optional.of(present.get())),
                patch::apply)
            .orElseThrow(() -> Job.notFound(before.id()));
    Job changed = present.get();
    Change.note(before.labels().written(), changed.labels().written());
    return changed;
  }
}
