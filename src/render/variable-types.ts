import Type, { type TProperties } from 'typebox';

/*
 * The types of what templates are told. docs/templates-reference.md is made from them, and TypeScript checks that the code gives
 * no less and no more. What may be absent is null: undefined would be an error for Liquid.
 */

export const text = (description: string) => Type.String({ description });
export const flag = (description: string) => Type.Boolean({ description });
export const count = (description: string) => Type.Integer({ description });
export const maybeText = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
export const maybeCount = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description });
export const texts = (description: string) => Type.Array(Type.String(), { description });
export const counts = (description: string) => Type.Array(Type.Integer(), { description });
export const object = <T extends TProperties>(fields: T, description: string) => Type.Object(fields, { description });
export const objects = <T extends TProperties>(fields: T, description: string) =>
  Type.Array(Type.Object(fields), { description });
export const maybeObject = <T extends TProperties>(fields: T, description: string) =>
  Type.Union([Type.Object(fields), Type.Null()], { description });
