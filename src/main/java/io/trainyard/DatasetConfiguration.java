package io.trainyard;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.TensorMemory;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import io.trainyard.store.database.ScheduledTaskFaults;
import io.trainyard.store.ingest.ArchiveProperties;
import io.trainyard.store.ingest.ImageLimits;
import io.trainyard.tensor.image.ImageMemory;
import java.util.Optional;
import org.springframework.boot.task.SimpleAsyncTaskSchedulerCustomizer;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The planner of datasets, which looks up the encodings of stored versions; memory for images. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class DatasetConfiguration {
  @Bean
  ThreadPoolTaskSchedulerCustomizer pooledTaskFaults() {
    return scheduler -> scheduler.setErrorHandler(new ScheduledTaskFaults());
  }

  /** Where each task has a virtual thread. */
  @Bean
  SimpleAsyncTaskSchedulerCustomizer taskFaults() {
    return scheduler -> scheduler.setErrorHandler(new ScheduledTaskFaults());
  }

  /** Uploads and predictions share the memory for decoding. */
  @Bean
  ImageMemory imageMemory(ArchiveProperties archive) {
    return new ImageMemory(archive.decodingMemory().toBytes());
  }

  @Bean
  ImageLimits imageLimits(ArchiveProperties archive, ImageMemory memory) {
    return new ImageLimits(archive, memory);
  }

  @Bean
  LearnedEncodings learnedEncodings(VersionResolver versions) {
    return (model, reference) -> find(versions, model, reference);
  }

  @Bean
  DatasetPlanner datasetPlanner(
      DatasetCatalogue datasets, DatasetRows rows, TensorMemory memory, LearnedEncodings learned) {
    return new DatasetPlanner(datasets, rows, memory, learned);
  }

  @Bean
  DatasetPreparer datasetPreparer(DatasetPlanner planner, DatasetRows rows, TensorMemory memory) {
    return new DatasetPreparer(planner, rows, memory);
  }

  private static Optional<LearnedEncodings.Learned> find(
      VersionResolver versions, String model, String reference) {
    try {
      ModelVersion version = versions.resolve(model, reference);
      Encoding encoding = version.learnedEncoding();
      return encoding == null
          ? Optional.empty()
          : Optional.of(new LearnedEncodings.Learned(version.version(), encoding));
    } catch (ServiceException e) {
      if (e.code().family() == ErrorCode.Family.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
