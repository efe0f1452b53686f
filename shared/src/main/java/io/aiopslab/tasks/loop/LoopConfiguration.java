package io.aiopslab.tasks.loop;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Brings in what makes loops. */
@Configuration(proxyBeanMethods = false)
@Import(Loops.class)
public class LoopConfiguration {}
