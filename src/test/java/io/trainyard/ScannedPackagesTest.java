package io.trainyard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.stereotype.Component;

/** The start scans some packages only; a component elsewhere would silently be missing. */
class ScannedPackagesTest {
  @Test
  void everyComponentIsFound() {
    Set<String> found = new TreeSet<>();
    for (ComponentScan scan :
        AnnotatedElementUtils.getMergedRepeatableAnnotations(
            TrainyardApplication.class, ComponentScan.class)) {
      for (String packageName : scan.basePackages()) {
        found.addAll(candidates(packageName, scan.resourcePattern(), Component.class));
      }
    }

    assertThat(candidates("io.trainyard", "**/*.class", Component.class))
        .allSatisfy(component -> assertThat(found).contains(component));
  }

  @Test
  void everyRecordOfSettingsIsFound() {
    Set<String> found = new TreeSet<>();
    for (String packageName :
        TrainyardApplication.class.getAnnotation(ConfigurationPropertiesScan.class).value()) {
      found.addAll(candidates(packageName, "**/*.class", ConfigurationProperties.class));
    }
    // A setting is known in every role: one that only a part of the start enables is refused there.
    for (Class<?> settings :
        TrainyardApplication.class.getAnnotation(EnableConfigurationProperties.class).value()) {
      found.add(settings.getName());
    }

    assertThat(candidates("io.trainyard", "**/*.class", ConfigurationProperties.class))
        .allSatisfy(settings -> assertThat(found).contains(settings));
  }

  private static Set<String> candidates(
      String packageName, String pattern, Class<? extends Annotation> type) {
    var scanner =
        new ClassPathScanningCandidateComponentProvider(false) {
          // Without its conditions: they belong to a start.
          @Override
          protected boolean isCandidateComponent(MetadataReader reader) throws IOException {
            return !reader.getResource().getURL().getPath().contains("/test-classes/")
                && new AnnotationTypeFilter(type).match(reader, getMetadataReaderFactory());
          }
        };
    scanner.setResourcePattern(pattern);
    Set<String> names = new TreeSet<>();
    scanner.findCandidateComponents(packageName).forEach(b -> names.add(b.getBeanClassName()));
    return names;
  }
}
