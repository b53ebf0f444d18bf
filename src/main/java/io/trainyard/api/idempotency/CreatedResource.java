package io.trainyard.api.idempotency;

import io.trainyard.api.job.JobView;
import io.trainyard.api.model.ModelController;
import io.trainyard.api.model.VersionController;
import io.trainyard.job.JobService;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.VersionResolver;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What a creating call's {@code Location} names, as it is now. */
@Component
final class CreatedResource {
  private static final Pattern JOB = Pattern.compile("/v1/jobs/([^/]+)");
  private static final Pattern VERSION =
      Pattern.compile("/v1/models/([^/]+)/versions/([0-9]{1,9})");
  private static final Pattern MODEL = Pattern.compile("/v1/models/([^/]+)");

  private final JobService jobs;
  private final ModelCatalogue models;
  private final VersionResolver versions;
  private final JsonMapper mapper;

  CreatedResource(
      JobService jobs, ModelCatalogue models, VersionResolver versions, JsonMapper mapper) {
    this.jobs = jobs;
    this.models = models;
    this.versions = versions;
    this.mapper = mapper;
  }

  /** Its JSON; empty when the place is of another kind. */
  String json(@Nullable String location) {
    String place = location == null ? "" : location;
    Matcher job = JOB.matcher(place);
    if (job.matches()) {
      return mapper.writeValueAsString(JobView.of(jobs.find(job.group(1)), 0));
    }
    Matcher version = VERSION.matcher(place);
    if (version.matches()) {
      int number = Integer.parseInt(version.group(2));
      return mapper.writeValueAsString(
          VersionController.VersionView.of(versions.version(version.group(1), number)));
    }
    Matcher model = MODEL.matcher(place);
    return model.matches()
        ? mapper.writeValueAsString(ModelController.ModelView.of(models.get(model.group(1))))
        : "";
  }
}
