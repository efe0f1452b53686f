package io.aiopslab.tasks.api.submit;

import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** How large the bodies of submissions may be, and who reads them. */
@Configuration(proxyBeanMethods = false)
class SubmissionBodies implements WebMvcConfigurer {
  /** In bytes, of one statement that stores tasks. */
  static final int LARGEST_BATCH = 8 * 1024 * 1024;

  private final ReadSubmission submissions;
  private final ReadBatch batches;
  private final ReadGroup groups;
  private final ReadSession sessions;

  SubmissionBodies(
      ReadSubmission submissions, ReadBatch batches, ReadGroup groups, ReadSession sessions) {
    this.submissions = submissions;
    this.batches = batches;
    this.groups = groups;
    this.sessions = sessions;
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters
        .addCustomConverter(
            new BodyConverter<>(
                SubmitRequest.class,
                ReadSubmission.LARGEST_TASK,
                "Send a body of at most 256 KiB: keep large inputs elsewhere and refer to them.",
                submissions::read))
        .addCustomConverter(
            new BodyConverter<>(
                SessionRequest.class,
                ReadSubmission.LARGEST_TASK,
                "Send a body of at most 256 KiB: keep large inputs elsewhere and refer to them.",
                sessions::read))
        .addCustomConverter(
            new BodyConverter<>(
                BatchRequest.class,
                LARGEST_BATCH,
                "Send a body of at most 8 MiB: submit the tasks in several batches.",
                batches::read))
        .addCustomConverter(
            new BodyConverter<>(
                GroupRequest.class,
                ReadSubmission.LARGEST_TASK,
                "Send a body of at most 256 KiB: keep large inputs elsewhere and refer to them.",
                groups::read));
  }
}
