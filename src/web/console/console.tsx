/* placeholder while building the widget first */
export {};
