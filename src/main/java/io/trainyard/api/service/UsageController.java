package io.trainyard.api.service;

import io.trainyard.access.Identity;
import io.trainyard.access.StoredUsage;
import io.trainyard.access.StoredUsage.Share;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who fills the disk, or the bucket. */
@RestController
record UsageController(StoredUsage usage) {
  /** The bytes that datasets, models and callers have stored, the most first. */
  @GetMapping("/v1/usage")
  Usage read() {
    Identity caller = Identity.current();
    return new Usage(
        usage.datasets(caller.datasets()),
        usage.models(caller.models()),
        caller.models().isAll() && caller.datasets().isAll()
            ? usage.callers()
            : List.of(new Share(caller.name(), usage.bytes(caller.id()))));
  }

  record Usage(List<Share> datasets, List<Share> models, List<Share> callers) {}
}
